import { useState } from "react";
import { type Assignee, AssignForm, type AssignResult } from "@/analytics/AssignForm";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { plural } from "@/ui/format";
import { Icon, type IconName } from "@/ui/Icon";

interface Props {
  learners: readonly Assignee[];
  onLeaveOut: (refused: readonly Assignee[]) => void;
  /** The module is assigned; the results stay until the dialog is closed. */
  onAssigned: () => void;
  onClose: () => void;
}

const MARKS: Record<AssignResult["status"], { word: string; icon: IconName; look: string }> = {
  created: { word: "Assigned", icon: "check", look: "text-good" },
  updated: { word: "Had it already; the due date is changed", icon: "clock", look: "text-idle" },
  unchanged: { word: "Had it already, with this due date", icon: "none", look: "text-muted" },
};

/** Assigns a module to all who are chosen, and says what became of it for each. */
export function AssignDialog({ learners, onLeaveOut, onAssigned, onClose }: Props) {
  const [results, setResults] = useState<readonly AssignResult[] | null>(null);
  // The choice is over with the assignment, and the names are still to be shown.
  const [assignees, setAssignees] = useState(learners);

  if (results) {
    const names = new Map(assignees.map(({ id, name }) => [id, name]));
    const created = results.filter(({ status }) => status === "created").length;
    const others = results.length - created;
    return (
      <Dialog
        key="results"
        title="The module is assigned"
        onClose={onClose}
        testId="assign-results"
      >
        <div role="status">
          <Banner
            kind="good"
            title={
              created === 0
                ? `${plural(others, "learner")} had it already`
                : `${plural(created, "learner")} assigned${others > 0 ? `, ${others} had it already` : ""}`
            }
          >
            The figures follow with the next refresh.
          </Banner>
        </div>
        <ul
          className="mt-4 max-h-80 divide-y divide-line overflow-y-auto"
          aria-label="Result for each learner"
          tabIndex={0}
        >
          {results.map(({ learner, status }) => {
            const { word, icon, look } = MARKS[status];
            return (
              <li
                key={learner}
                className="flex flex-wrap items-center justify-between gap-x-4 py-2 text-sm"
              >
                <span className="font-medium">{names.get(learner) ?? `Learner ${learner}`}</span>
                <span className={`inline-flex items-center gap-1.5 ${look}`}>
                  <Icon name={icon} className="size-3.5" />
                  {word}
                </span>
              </li>
            );
          })}
        </ul>
        <div className="mt-4 flex justify-end">
          <Button kind="primary" data-first-focus onClick={onClose}>
            Close
          </Button>
        </div>
      </Dialog>
    );
  }

  const [only] = learners;
  return (
    <Dialog
      title={`Assign a module to ${learners.length === 1 && only ? only.name : plural(learners.length, "learner")}`}
      onClose={onClose}
      testId="assign-dialog"
    >
      <AssignForm
        learners={learners}
        onDone={(found) => {
          setAssignees(learners);
          setResults(found);
          onAssigned();
        }}
        onLeaveOut={onLeaveOut}
        onCancel={onClose}
      />
    </Dialog>
  );
}
