import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { SignedOut, sayError } from "@/http/problem";
import { modulesQuery } from "@/learning/queries";
import type { ModuleRow } from "@/learning/types";
import { useMe } from "@/session/useSession";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { sayNumber } from "@/ui/format";
import { Icon } from "@/ui/Icon";
import { Loading } from "@/ui/Loading";
import { Meter } from "@/ui/Meter";
import { ModuleStatus } from "@/ui/ModuleStatus";
import { PageHeading } from "@/ui/PageHeading";

const ORDER = { in_progress: 0, not_started: 1, completed: 2 };

/** What there is to learn, and how far one is. */
export function LearnPage() {
  const me = useMe();
  const { data, error, isPending, refetch } = useQuery({ ...modulesQuery(), staleTime: 0 });
  const modules = [...(data ?? [])].sort((one, other) => ORDER[one.status] - ORDER[other.status]);
  const completed = modules.filter((module) => module.status === "completed").length;

  return (
    <>
      <header className="mb-5">
        <PageHeading title="My learning">
          {data
            ? `${completed} of ${data.length} modules completed`
            : `Welcome, ${me.full_name || me.username}`}
        </PageHeading>
      </header>
      <div role="status" className="[&:not(:empty)]:mb-5">
        {error && !(error instanceof SignedOut) && (
          <Banner
            kind="bad"
            title={data ? "The modules could not be updated" : "Could not load the modules"}
            testId={data ? "update-failed" : "failed"}
            action={<Button onClick={() => void refetch()}>Try again</Button>}
          >
            {sayError(error)} {data && "What you see is the last that came."}
          </Banner>
        )}
      </div>
      {isPending && <Loading what="the modules" />}
      {data && data.length === 0 && (
        <div className="card">
          <Empty icon="learn" title="There is nothing to learn yet">
            Modules appear here when they are published.
          </Empty>
        </div>
      )}
      <ul className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
        {modules.map((module) => (
          <ModuleTile key={module.id} module={module} />
        ))}
      </ul>
    </>
  );
}

function ModuleTile({ module }: { module: ModuleRow }) {
  return (
    <li className="card relative flex flex-col p-5 transition-shadow focus-within:ring-2 focus-within:ring-accent hover:shadow-md">
      <ModuleStatus status={module.status} />
      <h2 className="mt-2 text-lg font-semibold">
        <Link
          href={`/learn/${module.id}`}
          className="outline-none after:absolute after:inset-0 hover:underline"
        >
          {module.title}
        </Link>
      </h2>
      <p className="mt-1 flex flex-wrap gap-x-4 text-sm text-muted">
        {module.has_quiz && (
          <span className="inline-flex items-center gap-1.5">
            <Icon name="quiz" /> Quiz
          </span>
        )}
        {module.has_assignment && (
          <span className="inline-flex items-center gap-1.5">
            <Icon name="document" /> Assignment
          </span>
        )}
      </p>
      <div className="mt-auto pt-4">
        <Meter
          percent={module.progress_percent}
          label={`Progress in ${module.title}`}
          fill={module.status === "completed" ? "bg-good" : "bg-accent"}
        />
        <p className="mt-1.5 text-sm text-muted tabular-nums">
          {sayNumber(module.progress_percent)} % done
        </p>
      </div>
    </li>
  );
}
