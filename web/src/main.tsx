import "@fontsource-variable/inter/wght.css";
import "@/ui/base.css";
import { StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { startTexts } from "@/i18n";
import { App } from "@/shell/App";
import { askAhead } from "@/shell/ahead";
import { startTheme } from "@/shell/theme";

startTheme();
askAhead();
await startTexts();

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <Suspense fallback={null}>
      <App />
    </Suspense>
  </StrictMode>,
);
