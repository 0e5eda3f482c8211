import { numberIn, useAddress } from "@/app/useAddress";
import { Field } from "@/ui/Field";
import { useTeams } from "./useTeams";

/** A choice of team, where there are several. The choice is in the address. */
export function TeamPicker() {
  const teams = useTeams();
  const [address, change] = useAddress();
  const chosen = numberIn(address, "team");
  if (teams.length < 2 && chosen === null) return null;
  return (
    <Field label="Team" hideLabel className="min-w-40">
      {(field) => (
        <select
          {...field}
          className="field text-sm"
          value={chosen ?? ""}
          onChange={(event) => change({ team: event.target.value, page: null })}
        >
          <option value="">All teams</option>
          {teams.map((team) => (
            <option key={team.id} value={team.id}>
              {team.name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
