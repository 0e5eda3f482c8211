import {
  createTelemetry,
  type Standing,
  type Telemetry,
  type TelemetryState,
} from "@pulseboard/telemetry";
import { queryClient } from "@/analytics/client";
import { SignedOut } from "@/http/problem";
import { session } from "@/session/session";
import type { LearningModule } from "./types";

/** What became of learning time that could not be counted, for the learner to see. */
export interface PulseNews {
  state: TelemetryState | null;
  /** Why the server refused a pulse for good; empty while it refused none. */
  dropped: string;
}

let news: PulseNews = { state: null, dropped: "" };
let current: { user: number; telemetry: Telemetry } | null = null;
const listeners = new Set<() => void>();

export const getNews = (): PulseNews => news;

export function onNews(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The one sender of this tab for who is signed in; it lives as long as the page. */
export function telemetryOf(user: number): Telemetry {
  if (current?.user === user) return current.telemetry;
  void current?.telemetry.stop();
  const telemetry = createTelemetry({
    userId: user,
    getToken: () => session.usableToken().catch(nullIfSignedOut),
    refreshToken: () => session.renewedToken(session.tokenInHand()).catch(nullIfSignedOut),
    onRecorded: (pulse, standing) => showStanding(pulse.module, pulse.resource, standing),
    onDrop: (_pulse, problem) => tell({ ...news, dropped: problem.detail ?? problem.title }),
    onState: (state) => tell({ ...news, state }),
  });
  current = { user, telemetry };
  return telemetry;
}

session.subscribe(() => {
  if (session.getState().phase !== "signed-out" || !current) return;
  void current.telemetry.stop();
  current = null;
  tell({ state: null, dropped: "" });
});

function tell(next: PulseNews): void {
  news = next;
  for (const listener of listeners) listener();
}

function nullIfSignedOut(error: unknown): null {
  if (error instanceof SignedOut) return null;
  throw error;
}

/** The server's word on how far the learner is, at once on the page. */
function showStanding(moduleId: number, resourceId: number, { resource, module }: Standing): void {
  queryClient.setQueryData<LearningModule>(
    ["module", moduleId],
    (known) =>
      known && {
        ...known,
        ...(module ?? {}),
        resources: known.resources.map((row) =>
          row.id === resourceId && resource ? { ...row, ...resource } : row,
        ),
      },
  );
  void queryClient.invalidateQueries({ queryKey: ["modules"], refetchType: "none" });
}
