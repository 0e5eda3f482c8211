import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { getJson, postJson } from "@/http/json";
import { sayError } from "@/http/problem";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { FormFault } from "@/ui/FormFault";
import { sayZone } from "@/ui/format";
import { useForm } from "@/ui/useForm";

interface Answer {
  results: { learner: number; assignment: number; status: "created" | "updated" | "unchanged" }[];
}

interface Props {
  learner: number;
  /** Modules that are assigned already: assigning again changes the due date. */
  given: readonly number[];
  onDone: (message: string) => void;
  onCancel: () => void;
}

const DONE = {
  created: "The module is assigned.",
  updated: "The due date is changed.",
  unchanged: "It was assigned like this already.",
};

export function AssignForm({ learner, given, onDone, onCancel }: Props) {
  const [module, setModule] = useState("");
  const [due, setDue] = useState("");
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
      const answer = await postJson<Answer>("/api/manager/assignments/", {
        module: Number(module),
        learners: [learner],
        due_at: due ? new Date(due).toISOString() : null,
      });
      onDone(DONE[answer.results[0]?.status ?? "created"]);
    },
  );

  return (
    <form ref={ref} onSubmit={onSubmit} noValidate className="grid gap-4">
      <FormFault title="The module was not assigned" fault={fault} />
      <Field
        label="Module"
        required
        error={faults.module ?? (modules.error ? sayError(modules.error) : undefined)}
        hint={
          given.includes(Number(module))
            ? "Assigned already; a new due date takes the place of the old one."
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
