import { useAddress } from "@/app/useAddress";
import { useTyped } from "@/app/useTyped";
import { useMe } from "@/session/useSession";
import { Field } from "@/ui/Field";
import { ACTIONS } from "./actions";

/** @param faults by the server's name of the parameter */
export function AuditFilters({ faults }: { faults: Partial<Record<string, string>> }) {
  const [address, change] = useAddress();
  const isAdmin = useMe().role === "admin";
  return (
    <div
      role="search"
      className="grid grid-cols-2 gap-3 border-b border-line p-4 sm:flex sm:flex-wrap print:hidden"
    >
      <Field label="Action" className="col-span-2 sm:w-56" error={faults.action}>
        {(field) => (
          <select
            {...field}
            className="field text-sm"
            value={address.get("action") ?? ""}
            onChange={(event) => change({ action: event.target.value, page: null })}
          >
            <option value="">Any action</option>
            {Object.entries(ACTIONS).map(([action, words]) => (
              <option key={action} value={action}>
                {words}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="From" className="sm:w-40" error={faults.since}>
        {(field) => (
          <input
            {...field}
            type="date"
            className="field text-sm"
            value={address.get("since") ?? ""}
            onChange={(event) => change({ since: event.target.value, page: null })}
          />
        )}
      </Field>
      <Field label="To" className="sm:w-40" error={faults.until}>
        {(field) => (
          <input
            {...field}
            type="date"
            className="field text-sm"
            value={address.get("until") ?? ""}
            onChange={(event) => change({ until: event.target.value, page: null })}
          />
        )}
      </Field>
      {/* A manager sees nobody's entries but their own. */}
      {isAdmin && <IdField name="actor" label="Who (id)" error={faults.actor} />}
      <IdField name="learner" label="Learner (id)" error={faults.learner} />
    </div>
  );
}

function IdField({
  name,
  label,
  error,
}: {
  name: string;
  label: string;
  error: string | undefined;
}) {
  const [text, type] = useTyped(name);
  return (
    <Field label={label} className="sm:w-32" error={error}>
      {(field) => (
        <input
          {...field}
          inputMode="numeric"
          autoComplete="off"
          maxLength={18}
          className="field text-sm"
          placeholder="Any"
          value={text}
          onChange={(event) => type(event.target.value)}
        />
      )}
    </Field>
  );
}
