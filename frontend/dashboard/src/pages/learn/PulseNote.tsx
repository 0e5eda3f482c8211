import { useSyncExternalStore } from "react";
import { getNews, onNews } from "@/learning/pulses";
import { Banner } from "@/ui/Banner";
import { plural } from "@/ui/format";

/** What the learner should know of learning time that is not counted yet, or never will be. */
export function PulseNote() {
  const { state, dropped } = useSyncExternalStore(onNews, getNews);
  return (
    <>
      {state && state.pending > 0 && state.status === "waiting" && (
        <Banner
          kind="info"
          title="Your learning time is kept on this computer"
          testId="pulses-waiting"
        >
          {plural(state.pending, "entry", "entries")} will be sent when the server can be reached
          again.
          {state.storage === "memory" && " Please leave this page open until then."}
        </Banner>
      )}
      {dropped && (
        <Banner kind="warn" title="Some learning time was not counted" testId="pulses-dropped">
          The server refused it: {dropped}
        </Banner>
      )}
    </>
  );
}
