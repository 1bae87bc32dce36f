// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { takeReturn } from "@/api/provider";

describe("what the identity provider sends back with the browser", () => {
  beforeEach(() => {
    sessionStorage.clear();
    window.history.replaceState(null, "", "/");
  });

  it("is nothing on any other page", () => {
    window.history.replaceState(null, "", "/console/dispatch?state=s&code=c");
    expect(takeReturn()).toBeNull();
    expect(window.location.pathname).toBe("/console/dispatch");
  });

  it("is taken once, and the address is again the place that the person came from", () => {
    sessionStorage.setItem("mingdi.provider.place", "/console/dispatch?incident=7");
    window.history.replaceState(
      null,
      "",
      "/console/sign-in?state=s&code=c%26d&iss=https%3A%2F%2Fid.example&session_state=x",
    );
    expect(takeReturn()).toEqual({ state: "s", code: "c&d", iss: "https://id.example" });
    expect(window.location.pathname + window.location.search).toBe("/console/dispatch?incident=7");
    expect(takeReturn()).toBeNull();
  });

  it("tells that the provider signed nobody in", () => {
    window.history.replaceState(null, "", "/console/sign-in?state=s&error=access_denied");
    expect(takeReturn()).toEqual({ state: "s", error: "access_denied" });
    expect(window.location.pathname).toBe("/");
  });

  it("is nothing without a state", () => {
    window.history.replaceState(null, "", "/console/sign-in?code=c");
    expect(takeReturn()).toBeNull();
  });
});
