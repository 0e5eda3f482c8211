import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { getJson, postJson } from "@/http/json";
import { sayError } from "@/http/problem";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { FormFault } from "@/ui/FormFault";
import { sayDateTime } from "@/ui/format";
import { useForm } from "@/ui/useForm";

/** `GET /api/manager/submissions/{id}/` */
interface Submission {
  id: number;
  module_title: string;
  text: string;
  url: string;
  submitted_at: string;
  grade: number | string | null;
  feedback: string;
}

interface Props {
  submission: number;
  onDone: (message: string) => void;
  onCancel: () => void;
}

export function GradeForm({ submission: id, onDone, onCancel }: Props) {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["submission", id],
    queryFn: ({ signal }) => getJson<Submission>(`/api/manager/submissions/${id}/`, signal),
    staleTime: 0,
    gcTime: 0,
  });
  if (isPending) return <p role="status">Loading what was handed in …</p>;
  if (error && !data) {
    return (
      <Banner
        kind="bad"
        title="Could not load what was handed in"
        action={<Button onClick={() => void refetch()}>Try again</Button>}
      >
        {sayError(error)}
      </Banner>
    );
  }
  return <GradeFields submission={data} onDone={onDone} onCancel={onCancel} />;
}

function GradeFields({
  submission,
  onDone,
  onCancel,
}: { submission: Submission } & Omit<Props, "submission">) {
  const [grade, setGrade] = useState(
    submission.grade === null ? "" : String(Number(submission.grade)),
  );
  const [feedback, setFeedback] = useState(submission.feedback ?? "");
  const value = Number(grade.trim().replace(",", "."));

  const { faults, fault, sending, ref, onSubmit } = useForm(
    ["grade", "feedback"],
    () =>
      grade.trim() === ""
        ? { grade: "is required" }
        : Number.isNaN(value)
          ? { grade: "must be a number from 0 to 100" }
          : {},
    async () => {
      await postJson(`/api/manager/submissions/${submission.id}/grade/`, {
        grade: value,
        feedback,
      });
      onDone("The grade is saved.");
    },
  );

  return (
    <form ref={ref} onSubmit={onSubmit} noValidate className="grid gap-4">
      <div
        className="max-h-60 overflow-auto rounded-lg bg-raised p-3 text-sm"
        tabIndex={0}
        role="region"
        aria-label="What was handed in"
      >
        <p className="mb-1 text-muted">Handed in {sayDateTime(submission.submitted_at)}</p>
        {submission.text && <p className="break-words whitespace-pre-wrap">{submission.text}</p>}
        {submission.url && (
          <a
            className="link break-all"
            href={submission.url}
            target="_blank"
            rel="noreferrer noopener"
          >
            {submission.url}
          </a>
        )}
      </div>
      <FormFault title="The grade was not saved" fault={fault} />
      <Field label="Grade" required error={faults.grade} hint="0 to 100, at most two decimals">
        {(field) => (
          <input
            {...field}
            className="field w-32!"
            inputMode="decimal"
            autoComplete="off"
            value={grade}
            onChange={(event) => setGrade(event.target.value)}
          />
        )}
      </Field>
      <Field label="Feedback" error={faults.feedback}>
        {(field) => (
          <textarea
            {...field}
            className="field"
            rows={4}
            value={feedback}
            onChange={(event) => setFeedback(event.target.value)}
          />
        )}
      </Field>
      <div className="flex justify-end gap-2">
        <Button kind="quiet" onClick={onCancel}>
          Cancel
        </Button>
        <Button kind="primary" type="submit" busy={sending}>
          {sending ? "Saving …" : "Save grade"}
        </Button>
      </div>
    </form>
  );
}
