import { type FormEvent, useRef, useState } from "react";
import { Problem, SignedOut, sayError } from "@/http/problem";

export type Faults = Partial<Record<string, string>>;

export interface Form {
  /** By field, what is wrong with it. */
  faults: Faults;
  /** What is wrong with the whole, or with a field that the form does not show. */
  fault: string;
  sending: boolean;
  ref: React.RefObject<HTMLFormElement | null>;
  onSubmit: (event: FormEvent) => void;
}

/**
 * Sends a form and says what was wrong with it, field by field. What was typed stays in any case;
 * the focus goes to the first field with a fault.
 *
 * @param fields names of the fields that are shown; `learners.0` counts as `learners`
 * @param check faults that can be seen before sending
 * @param send throws what was wrong
 */
export function useForm(
  fields: readonly string[],
  check: () => Faults,
  send: () => Promise<void>,
): Form {
  const [faults, setFaults] = useState<Faults>({});
  const [fault, setFault] = useState("");
  const [sending, setSending] = useState(false);
  const ref = useRef<HTMLFormElement>(null);

  const show = (found: Faults, whole: string) => {
    setFaults(found);
    setFault(whole);
    // After the fault is on the page, so that it is read with the field.
    setTimeout(() => {
      ref.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-form-fault]')?.focus();
    });
  };

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (sending) return;
    const found = check();
    if (Object.values(found).some(Boolean)) {
      show(found, "");
      return;
    }
    setFaults({});
    setFault("");
    setSending(true);
    send()
      .catch((error: unknown) => {
        const { named, whole } = sortFaults(error, fields);
        show(named, whole);
      })
      .finally(() => setSending(false));
  };

  return { faults, fault, sending, ref, onSubmit };
}

function sortFaults(error: unknown, fields: readonly string[]): { named: Faults; whole: string } {
  const named: Faults = {};
  const rest: string[] = [];
  if (error instanceof Problem) {
    for (const { field, reason } of error.errors) {
      const shown = fields.find((name) => field === name || field.startsWith(`${name}.`));
      if (shown) named[shown] ??= reason;
      else rest.push(`${field}: ${reason}`);
    }
  }
  if (Object.keys(named).length > 0 && rest.length === 0) return { named, whole: "" };
  if (rest.length > 0) return { named, whole: rest.join("; ") };
  const kept = error instanceof SignedOut ? " What you typed is still here." : "";
  return { named, whole: sayError(error) + kept };
}
