import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { getJson, postJson } from "@/http/json";
import { Problem, sayError } from "@/http/problem";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { FormFault } from "@/ui/FormFault";
import { plural, sayZone } from "@/ui/format";
import { useForm } from "@/ui/useForm";

/** Whom a module is given to. */
export interface Assignee {
  id: number;
  name: string;
}

/** What became of it for one learner. */
export interface AssignResult {
  learner: number;
  assignment: number;
  status: "created" | "updated" | "unchanged";
}

interface Props {
  learners: readonly Assignee[];
  /** Modules that are known to be assigned already: assigning again changes the due date. */
  given?: readonly number[];
  /** One result for each learner. */
  onDone: (results: readonly AssignResult[]) => void;
  onCancel: () => void;
  /** Takes learners whom the server refused out of the choice; all are given a module, or nobody. */
  onLeaveOut?: (refused: readonly Assignee[]) => void;
}

/** Assigns a module to one learner or to several, with a due date if there is to be one. */
export function AssignForm({ learners, given = [], onDone, onCancel, onLeaveOut }: Props) {
  const [module, setModule] = useState("");
  const [due, setDue] = useState("");
  const [refused, setRefused] = useState<readonly Assignee[]>([]);
  const modules = useQuery({
    queryKey: ["modules"],
    queryFn: ({ signal }) => getJson<{ id: number; title: string }[]>("/api/modules/", signal),
  });

  const { faults, fault, sending, ref, onSubmit } = useForm(
    ["module", "due_at"],
    () => ({
      ...(module ? {} : { module: "choose one" }),
      ...(due && Number.isNaN(Date.parse(due)) ? { due_at: "is not a date and time" } : {}),
    }),
    async () => {
      setRefused([]);
      try {
        const answer = await postJson<{ results: AssignResult[] }>("/api/manager/assignments/", {
          module: Number(module),
          learners: learners.map(({ id }) => id),
          due_at: due ? new Date(due).toISOString() : null,
        });
        onDone(answer.results);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        setRefused(error.errors.flatMap(({ field }) => placeOf(field, learners) ?? []));
        throw named(error, learners);
      }
    },
  );

  return (
    <form ref={ref} onSubmit={onSubmit} noValidate className="grid gap-4">
      <FormFault title="The module was not assigned" fault={fault} />
      {fault && refused.length > 0 && refused.length < learners.length && onLeaveOut && (
        <Button
          className="justify-self-start"
          onClick={() => {
            onLeaveOut(refused);
            setRefused([]);
          }}
        >
          Leave out {plural(refused.length, "learner")}
        </Button>
      )}
      <Field
        label="Module"
        required
        error={faults.module ?? (modules.error ? sayError(modules.error) : undefined)}
        hint={
          given.includes(Number(module))
            ? "Assigned already; a new due date takes the place of the old one."
            : learners.length > 1
              ? "Who has it already gets the due date below in place of theirs."
              : undefined
        }
      >
        {(field) => (
          <select
            {...field}
            className="field"
            value={module}
            onChange={(event) => setModule(event.target.value)}
          >
            <option value="">{modules.isPending ? "Loading …" : "Choose a module"}</option>
            {modules.data?.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
                {given.includes(id) ? " (assigned)" : ""}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field
        label="Due"
        error={faults.due_at}
        hint={`In your time zone (${sayZone()}); leave empty for no due date.`}
      >
        {(field) => (
          <input
            {...field}
            className="field"
            type="datetime-local"
            value={due}
            onChange={(event) => setDue(event.target.value)}
          />
        )}
      </Field>
      <div className="flex justify-end gap-2">
        <Button kind="quiet" onClick={onCancel}>
          Cancel
        </Button>
        <Button kind="primary" type="submit" busy={sending}>
          {sending ? "Assigning …" : "Assign"}
        </Button>
      </div>
    </form>
  );
}

/** The learner whom the server calls `learners.0`. */
function placeOf(field: string, learners: readonly Assignee[]): Assignee | undefined {
  const place = /^learners\.(\d+)$/.exec(field)?.[1];
  return place === undefined ? undefined : learners[Number(place)];
}

/** The same problem, with the learners called by their names. */
function named(problem: Problem, learners: readonly Assignee[]): Problem {
  const errors = problem.errors.map(({ field, reason }) => {
    const learner = placeOf(field, learners);
    return { field: learner ? `${learner.name} (${field})` : field, reason };
  });
  const { status, code, message, requestId, retryAfter } = problem;
  return new Problem({ status, code, message, errors, requestId, retryAfter });
}
