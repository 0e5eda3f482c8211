import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { numberIn, useAddress } from "@/app/useAddress";
import { Problem, SignedOut, sayError } from "@/http/problem";
import { moduleQuery } from "@/learning/queries";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { sayNumber } from "@/ui/format";
import { Icon } from "@/ui/Icon";
import { Loading } from "@/ui/Loading";
import { Meter } from "@/ui/Meter";
import { ModuleStatus } from "@/ui/ModuleStatus";
import { PageHeading } from "@/ui/PageHeading";
import { PulseNote } from "./learn/PulseNote";
import { QuizSection } from "./learn/QuizSection";
import { ResourceList } from "./learn/ResourceList";
import { ResourceView } from "./learn/ResourceView";
import { SubmissionSection } from "./learn/SubmissionSection";

/** One module: its resources, the one that is open, the quiz and the assignment. */
export function LearnModulePage({ id }: { id: number }) {
  const [address, change] = useAddress();
  const { data, error, isPending, refetch } = useQuery(moduleQuery(id));
  const chosen = numberIn(address, "resource");
  const resource =
    data?.resources.find((row) => row.id === chosen) ??
    data?.resources.find((row) => !row.completed) ??
    data?.resources[0];

  return (
    <>
      <Link href="/learn" className="link mb-2 inline-flex items-center gap-1 text-sm">
        <Icon name="left" className="size-3.5" />
        My learning
      </Link>
      <header className="mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <PageHeading title={data?.title ?? "Module"}>
          {data && <ModuleStatus status={data.status} />}
        </PageHeading>
        {data && (
          <div className="w-full sm:w-64" data-testid="module-progress">
            <p className="mb-1.5 flex justify-between text-sm text-muted tabular-nums">
              <span>Progress</span>
              <span>{sayNumber(data.progress_percent)} %</span>
            </p>
            <Meter
              percent={data.progress_percent}
              label="Progress in this module"
              fill={data.status === "completed" ? "bg-good" : "bg-accent"}
            />
          </div>
        )}
      </header>
      <div role="status" className="grid gap-3 [&:not(:empty)]:mb-5">
        <PulseNote />
        {error && !(error instanceof SignedOut) && !isMissing(error) && (
          <Banner
            kind="bad"
            title={data ? "The module could not be updated" : "Could not load the module"}
            action={<Button onClick={() => void refetch()}>Try again</Button>}
          >
            {sayError(error)}
          </Banner>
        )}
      </div>
      {isPending && <Loading what="the module" />}
      {isMissing(error) && (
        <div role="alert" className="card" data-testid="not-found">
          <Empty title="Not found">There is no such module, or it is not published any more.</Empty>
        </div>
      )}
      {data && (
        <div className="grid grid-cols-1 gap-5 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
          <div className="grid grid-cols-1 content-start gap-5">
            {resource && <ResourceView key={resource.id} module={data.id} resource={resource} />}
            {data.has_quiz && <QuizSection module={data.id} />}
            {data.has_assignment && <SubmissionSection module={data.id} />}
          </div>
          <ResourceList
            resources={data.resources}
            open={resource?.id ?? null}
            onOpen={(next) => change({ resource: next })}
          />
        </div>
      )}
    </>
  );
}

const isMissing = (error: unknown): boolean => error instanceof Problem && error.status === 404;
