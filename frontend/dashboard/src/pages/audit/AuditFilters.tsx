import { useAddress } from "@/app/useAddress";
import { Field } from "@/ui/Field";
import { ACTIONS } from "./actions";

/** @param faults by the server's name of the parameter */
export function AuditFilters({ faults }: { faults: Partial<Record<string, string>> }) {
  const [address, change] = useAddress();
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
    </div>
  );
}
