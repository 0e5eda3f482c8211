import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "@/analytics/client";
import { App } from "@/app/App";
import { applyTheme } from "@/app/theme";
import { session } from "@/session/session";
import { ErrorBoundary } from "@/ui/ErrorBoundary";

applyTheme();
session.followTabs();
void session.start();

const root = document.getElementById("root");
if (!root) throw new Error("The page has no element with the id root.");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <ErrorBoundary what="Pulseboard" isPage>
        <App />
      </ErrorBoundary>
    </QueryClientProvider>
  </StrictMode>,
);
