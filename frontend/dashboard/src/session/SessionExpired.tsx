import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { SignInForm } from "./SignInForm";
import { type Me, session } from "./session";

/** Over the page, which stays as it is: its place, and what was typed into it. */
export function SessionExpired({ me }: { me: Me }) {
  return (
    <Dialog title="Your session has expired" testId="session-expired">
      <p className="mb-4 text-muted">
        Sign in again to go on where you are. What you have typed is still there.
      </p>
      <SignInForm username={me.username} />
      <Button
        kind="quiet"
        className="mt-2 w-full"
        onClick={() => void session.signOut().catch(() => undefined)}
      >
        Sign in as somebody else
      </Button>
    </Dialog>
  );
}
