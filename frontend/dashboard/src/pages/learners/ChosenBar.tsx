import { Button } from "@/ui/Button";
import { plural } from "@/ui/format";
import { MOST_CHOSEN } from "./useChosen";

interface Props {
  count: number;
  onAssign: () => void;
  onClear: () => void;
}

/** What can be done with the learners who are chosen; stays in sight at the end of the page. */
export function ChosenBar({ count, onAssign, onClear }: Props) {
  const isTooMany = count > MOST_CHOSEN;
  return (
    <section
      aria-label="Chosen learners"
      className="card sticky bottom-3 z-10 mt-4 flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-accent! px-4 py-3 shadow-lg print:hidden"
    >
      <p role="status" className="text-sm font-medium" data-testid="chosen-count">
        {plural(count, "learner")} chosen
        {isTooMany && (
          <span className="block text-bad">
            A module can be assigned to {MOST_CHOSEN} learners at a time; take {count - MOST_CHOSEN}{" "}
            out.
          </span>
        )}
      </p>
      <div className="flex gap-2">
        <Button kind="quiet" onClick={onClear}>
          Clear
        </Button>
        <Button kind="primary" icon="plus" disabled={isTooMany} onClick={onAssign}>
          Assign a module
        </Button>
      </div>
    </section>
  );
}
