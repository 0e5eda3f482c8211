import { RISK_MARKS, STATUS_MARKS } from "@/analytics/marks";
import { TeamPicker } from "@/analytics/TeamPicker";
import { useAddress } from "@/app/useAddress";
import { useTyped } from "@/app/useTyped";
import { Field } from "@/ui/Field";
import { Icon } from "@/ui/Icon";
import { COLUMNS } from "./columns";

export function LearnerFilters() {
  const [address, change] = useAddress();
  return (
    <div role="search" className="mb-4 grid grid-cols-2 gap-3 sm:flex sm:flex-wrap print:hidden">
      <SearchField />
      <Field label="Status" hideLabel className="sm:w-40">
        {(field) => (
          <select
            {...field}
            className="field text-sm"
            value={address.get("status") ?? ""}
            onChange={(event) => change({ status: event.target.value, page: null })}
          >
            <option value="">Any status</option>
            {Object.entries(STATUS_MARKS).map(([status, mark]) => (
              <option key={status} value={status}>
                {mark.word}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Risk" hideLabel className="sm:w-36">
        {(field) => (
          <select
            {...field}
            className="field text-sm"
            value={address.get("risk_level") ?? ""}
            onChange={(event) => change({ risk_level: event.target.value, page: null })}
          >
            <option value="">Any risk</option>
            {Object.entries(RISK_MARKS).map(([level, mark]) => (
              <option key={level} value={level}>
                {mark.word} risk
              </option>
            ))}
          </select>
        )}
      </Field>
      <TeamPicker />
      <Field label="Order" hideLabel className="lg:hidden">
        {(field) => (
          <select
            {...field}
            className="field text-sm"
            value={address.get("ordering") ?? ""}
            onChange={(event) => change({ ordering: event.target.value, page: null })}
          >
            <option value="">By user name</option>
            {COLUMNS.flatMap(({ field: name, title }) => [
              <option key={name} value={name}>
                {title}, ascending
              </option>,
              <option key={`-${name}`} value={`-${name}`}>
                {title}, descending
              </option>,
            ])}
          </select>
        )}
      </Field>
    </div>
  );
}

function SearchField() {
  const [text, type] = useTyped("search");
  return (
    <Field label="Search by name" hideLabel className="col-span-2 sm:min-w-56 sm:flex-1">
      {(field) => (
        <div className="relative">
          <Icon
            name="search"
            className="pointer-events-none absolute top-3 left-3 size-4 text-muted"
          />
          <input
            {...field}
            type="search"
            className="field pl-9! text-sm"
            placeholder="Search by name"
            maxLength={100}
            value={text}
            onChange={(event) => type(event.target.value)}
          />
        </div>
      )}
    </Field>
  );
}
