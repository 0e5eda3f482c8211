import { type ComponentProps, memo } from "react";
import { Link } from "wouter";
import type { Assignee } from "@/analytics/AssignForm";
import { RiskBadge, StatusBadge } from "@/analytics/marks";
import type { LearnerRow } from "@/analytics/types";
import { sayCount, sayDateTimeZone, sayMinutes, sayNumber, saySince } from "@/ui/format";
import { Icon } from "@/ui/Icon";
import { Meter } from "@/ui/Meter";
import { COLUMNS, type Column } from "./columns";
import type { Chosen } from "./useChosen";

interface Props {
  rows: readonly LearnerRow[];
  /** A field; with a minus in front, descending. */
  ordering: string;
  onOrder: (ordering: string) => void;
  chosen: Chosen;
  onChoose: (learners: readonly Assignee[], isChosen: boolean) => void;
}

const nameOf = (row: LearnerRow) => row.full_name || row.username;
const assigneeOf = (row: LearnerRow): Assignee => ({ id: row.id, name: nameOf(row) });

/** Drawn anew only when something in it has changed: it is most of the page's work. */
export const LearnerTable = memo(function LearnerTable({
  rows,
  ordering,
  onOrder,
  chosen,
  onChoose,
}: Props) {
  return (
    <table className="w-full text-left text-sm">
      <caption className="sr-only">Learners with their risk, engagement and last activity</caption>
      <thead className="bg-raised text-muted">
        <tr>
          <th scope="col" className="w-px pl-2 print:hidden">
            <ChoosePage rows={rows} chosen={chosen} onChoose={onChoose} />
          </th>
          {COLUMNS.map((column) => (
            <SortHeader key={column.field} column={column} ordering={ordering} onOrder={onOrder} />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.id} row={row} isChosen={chosen.has(row.id)} onChoose={onChoose} />
        ))}
      </tbody>
    </table>
  );
});

/** A box with room around it for a finger. */
function ChooseBox({ label, ...rest }: { label: string } & ComponentProps<"input">) {
  return (
    <label className="grid size-8 cursor-pointer place-items-center">
      <span className="sr-only">{label}</span>
      <input type="checkbox" className="size-4" {...rest} />
    </label>
  );
}

function ChoosePage({ rows, chosen, onChoose }: Pick<Props, "rows" | "chosen" | "onChoose">) {
  const count = rows.filter(({ id }) => chosen.has(id)).length;
  return (
    <ChooseBox
      label="Choose all on this page"
      checked={count === rows.length}
      ref={(box) => {
        if (box) box.indeterminate = count > 0 && count < rows.length;
      }}
      onChange={(event) => onChoose(rows.map(assigneeOf), event.target.checked)}
    />
  );
}

function SortHeader({
  column,
  ordering,
  onOrder,
}: { column: Column } & Pick<Props, "ordering" | "onOrder">) {
  const { field, title, isNumber, descendsFirst, shown } = column;
  const direction =
    ordering === field ? "ascending" : ordering === `-${field}` ? "descending" : undefined;
  const next =
    direction === undefined
      ? descendsFirst
        ? `-${field}`
        : field
      : direction === "ascending"
        ? `-${field}`
        : field;
  return (
    <th
      scope="col"
      aria-sort={direction}
      className={`px-2 py-1 font-medium last:pr-4 ${shown} ${isNumber ? "text-right" : ""}`}
    >
      {/* What is pressed is not repeated at the head of each printed page; text is. */}
      <span aria-hidden="true" className="hidden print:inline">
        {title}
      </span>
      <button
        type="button"
        onClick={() => onOrder(next)}
        className={`print:hidden inline-flex min-h-8 items-center gap-1 rounded px-1 hover:text-ink ${direction ? "text-ink" : ""} ${isNumber ? "-mr-1" : "-ml-1"}`}
      >
        {title}
        {direction && (
          <Icon name={direction === "ascending" ? "up" : "down"} className="size-3.5" />
        )}
      </button>
    </th>
  );
}

interface RowProps {
  row: LearnerRow;
  isChosen: boolean;
  onChoose: Props["onChoose"];
}

const Row = memo(function Row({ row, isChosen, onChoose }: RowProps) {
  const since = row.last_active === null ? "never" : saySince(row.last_active, row.computed_at);
  return (
    <tr
      className={`border-t border-line transition-colors hover:bg-raised ${isChosen ? "bg-accent-soft" : ""}`}
    >
      <td className="pl-2 align-middle print:hidden">
        <ChooseBox
          label={`Choose ${nameOf(row)}`}
          checked={isChosen}
          onChange={(event) => onChoose([assigneeOf(row)], event.target.checked)}
        />
      </td>
      <th scope="row" className="px-2 py-2.5 font-normal">
        <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          <Link
            href={`/learners/${row.id}`}
            className="rounded font-medium text-accent hover:underline"
          >
            {nameOf(row)}
          </Link>
          <StatusBadge status={row.status} />
          <span className="sm:hidden">
            <RiskBadge level={row.risk_level} full />
          </span>
        </div>
        <span className="text-muted">
          {row.full_name && row.username}{" "}
          <span className="whitespace-nowrap lg:hidden">· {since}</span>
          <span className="md:hidden">
            {" "}
            <span className="whitespace-nowrap">· {row.modules_completed} completed</span>{" "}
            <span className="whitespace-nowrap">· {sayMinutes(row.total_focus_mins)}</span>
          </span>
        </span>
      </th>
      <td className="px-2 py-2.5 max-sm:hidden">
        <RiskBadge level={row.risk_level} />
      </td>
      <td className="px-2 py-2.5 text-right tabular-nums">
        <div className="flex items-center justify-end gap-2.5">
          <Meter
            percent={row.engagement_score}
            label={`Engagement of ${nameOf(row)}`}
            className="w-16 max-sm:hidden"
          />
          <span className="w-9">{sayNumber(row.engagement_score)}</span>
        </div>
      </td>
      <td className="px-2 py-2.5 text-right tabular-nums max-md:hidden">
        {sayCount(row.modules_completed)}
      </td>
      <td className="px-2 py-2.5 text-right tabular-nums max-xl:hidden">
        {sayCount(row.modules_in_progress)}
      </td>
      <td className="px-2 py-2.5 text-right whitespace-nowrap tabular-nums max-md:hidden">
        {sayMinutes(row.total_focus_mins)}
      </td>
      <td className="px-2 py-2.5 pr-4 whitespace-nowrap max-lg:hidden">
        {row.last_active === null ? (
          <span className="text-muted">never</span>
        ) : (
          <time dateTime={row.last_active} title={sayDateTimeZone(row.last_active)}>
            {since}
          </time>
        )}
      </td>
    </tr>
  );
});
