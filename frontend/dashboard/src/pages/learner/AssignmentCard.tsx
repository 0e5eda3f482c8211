import { useState } from "react";
import { AssignForm, type AssignResult } from "@/analytics/AssignForm";
import { details } from "@/analytics/endpoints";
import type { AssignmentRow, LearnerDetails } from "@/analytics/types";
import { useRefresh } from "@/analytics/useRefresh";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Dialog } from "@/ui/Dialog";
import { sayDateTime, sayNumber } from "@/ui/format";
import { Icon, type IconName } from "@/ui/Icon";
import { GradeForm } from "./GradeForm";

interface Props {
  learner: LearnerDetails["learner"];
  assignments: readonly AssignmentRow[];
  computedAt: string;
  reload: () => Promise<void>;
}

type Open =
  | { form: "assign" }
  | { form: "grade"; assignment: AssignmentRow; submission: number }
  | null;

const MARKS: Record<AssignmentRow["status"], { word: string; icon: IconName; look: string }> = {
  assigned: { word: "Assigned", icon: "clock", look: "text-muted" },
  submitted: { word: "Handed in", icon: "document", look: "text-accent" },
  completed: { word: "Completed", icon: "check", look: "text-good" },
  graded: { word: "Graded", icon: "check", look: "text-good" },
};

const DONE: Record<AssignResult["status"], string> = {
  created: "The module is assigned.",
  updated: "The due date is changed.",
  unchanged: "It was assigned like this already.",
};

/** What was assigned and handed in; here a manager assigns and grades. */
export function AssignmentCard({ learner, assignments, computedAt, reload }: Props) {
  const [open, setOpen] = useState<Open>(null);
  const [notice, setNotice] = useState("");
  const { refresh } = useRefresh(details(learner.id).path, reload);
  const name = learner.full_name || learner.username;

  const done = (message: string) => {
    setOpen(null);
    setNotice(message);
    void refresh();
  };

  return (
    <Card
      title="Assignments"
      className="card-long"
      aside={
        <Button icon="plus" className="print:hidden" onClick={() => setOpen({ form: "assign" })}>
          Assign a module
        </Button>
      }
    >
      <div role="status" className="[&:not(:empty)]:mb-4">
        {notice && (
          <Banner kind="good" title={notice} testId="saved">
            The figures follow with the next refresh.
          </Banner>
        )}
      </div>
      {assignments.length === 0 ? (
        <p className="text-sm text-muted">Nothing has been assigned.</p>
      ) : (
        <ul className="divide-y divide-line">
          {assignments.map((assignment) => (
            <li
              key={assignment.id}
              className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0"
            >
              <div className="min-w-0">
                <p className="font-medium">{assignment.module_title}</p>
                <p className="text-sm text-muted">
                  <Status assignment={assignment} computedAt={computedAt} />
                  {assignment.submitted_at && (
                    <> · handed in {sayDateTime(assignment.submitted_at)}</>
                  )}
                  {assignment.due_at && <> · due {sayDateTime(assignment.due_at)}</>}
                </p>
              </div>
              <div className="flex items-center gap-3">
                {assignment.grade !== null && assignment.grade !== undefined && (
                  <span className="font-semibold tabular-nums">
                    {sayNumber(assignment.grade)}
                    <span className="text-sm font-normal text-muted"> of 100</span>
                  </span>
                )}
                {assignment.submission_id !== null && assignment.submission_id !== undefined && (
                  <Button
                    className="print:hidden"
                    aria-label={`${assignment.grade === null ? "Grade" : "Grade again"}: ${assignment.module_title}`}
                    onClick={() =>
                      setOpen({
                        form: "grade",
                        assignment,
                        submission: assignment.submission_id as number,
                      })
                    }
                  >
                    {assignment.grade === null ? "Grade" : "Grade again"}
                  </Button>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
      {open?.form === "assign" && (
        <Dialog
          title={`Assign a module to ${name}`}
          onClose={() => setOpen(null)}
          testId="assign-dialog"
        >
          <AssignForm
            learners={[{ id: learner.id, name }]}
            onDone={([result]) => done(DONE[result?.status ?? "created"])}
            onCancel={() => setOpen(null)}
            given={assignments.map((assignment) => assignment.module_id)}
          />
        </Dialog>
      )}
      {open?.form === "grade" && (
        <Dialog
          title={`Grade “${open.assignment.module_title}”`}
          onClose={() => setOpen(null)}
          testId="grade-dialog"
        >
          <GradeForm submission={open.submission} onDone={done} onCancel={() => setOpen(null)} />
        </Dialog>
      )}
    </Card>
  );
}

function Status({ assignment, computedAt }: { assignment: AssignmentRow; computedAt: string }) {
  const isOverdue =
    assignment.status === "assigned" &&
    assignment.due_at &&
    assignment.submitted_at === null &&
    new Date(assignment.due_at) < new Date(computedAt);
  const mark = MARKS[assignment.status];
  return (
    <span
      className={`inline-flex items-center gap-1 align-bottom font-medium ${isOverdue ? "text-bad" : mark.look}`}
    >
      <Icon name={isOverdue ? "warning" : mark.icon} className="size-3.5" />
      {isOverdue ? "Overdue" : mark.word}
    </span>
  );
}
