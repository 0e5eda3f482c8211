import { useCallback, useState } from "react";
import type { Assignee } from "@/analytics/AssignForm";

/** As many as the server takes at once. */
export const MOST_CHOSEN = 500;

/** Learners by their ids, in the order in which they were chosen. */
export type Chosen = ReadonlyMap<number, Assignee>;

/** The learners who are chosen on the list; the choice outlives filters, orders and pages. */
export function useChosen(): {
  chosen: Chosen;
  /** Adds learners, or takes them out. */
  choose: (learners: readonly Assignee[], isChosen: boolean) => void;
  clear: () => void;
} {
  const [chosen, setChosen] = useState<Chosen>(new Map());
  const choose = useCallback((learners: readonly Assignee[], isChosen: boolean) => {
    setChosen((before) => {
      const after = new Map(before);
      for (const learner of learners) {
        if (isChosen) after.set(learner.id, learner);
        else after.delete(learner.id);
      }
      return after;
    });
  }, []);
  const clear = useCallback(() => setChosen(new Map()), []);
  return { chosen, choose, clear };
}
