"use strict";
fetch("/readyz")
  .then((response) => response.json())
  .then((answer) => {
    document.getElementById("drill").hidden = answer.drill !== true;
    document.getElementById("ready").textContent = answer.ready ? "Ready: commands are taken." : "Not ready: " + answer.reasons.join("; ");
  })
  .catch(() => {
    document.getElementById("ready").textContent = "The server does not answer.";
  });
