import { useEffect, useRef, useState } from "react";
import { telemetryOf } from "@/learning/pulses";
import type { LearningResource } from "@/learning/types";
import { useMe } from "@/session/useSession";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { sayMinutes, sayNumber } from "@/ui/format";
import { Icon } from "@/ui/Icon";

interface Props {
  module: number;
  resource: LearningResource;
}

/** The resource that is open: a player, or the way to a document. */
export function ResourceView({ module, resource }: Props) {
  return (
    <Card title={resource.title} aside={<Standing resource={resource} />}>
      {resource.kind === "video" ? (
        <Player module={module} resource={resource} />
      ) : (
        <Opener module={module} resource={resource} />
      )}
    </Card>
  );
}

function Standing({ resource }: { resource: LearningResource }) {
  return (
    <p className="text-sm text-muted tabular-nums" data-testid="resource-standing">
      {resource.completed && (
        <span className="mr-3 inline-flex items-center gap-1.5 font-medium text-good">
          <Icon name="check" /> Done
        </span>
      )}
      {resource.covered_percent !== null && `${sayNumber(resource.covered_percent)} % seen · `}
      {sayMinutes(resource.watch_time_seconds / 60)} spent
    </p>
  );
}

function Player({ module, resource }: Props) {
  const { id: user } = useMe();
  const ref = useRef<HTMLVideoElement>(null);
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    if (!ref.current) return;
    const tracker = telemetryOf(user).trackVideo(ref.current, { module, resource: resource.id });
    return () => tracker.stop();
  }, [user, module, resource.id]);

  if (!resource.url) return <p className="text-muted">This video has not been uploaded yet.</p>;
  return (
    <>
      {/* Speech and captions are the file's own; the demo's videos are silent slides. */}
      {/* biome-ignore lint/a11y/useMediaCaption: there is no captions file in the catalogue. */}
      <video
        ref={ref}
        src={resource.url}
        controls
        playsInline
        preload="metadata"
        aria-label={resource.title}
        onError={() => setFailed(true)}
        className="aspect-video w-full rounded-lg bg-black"
      />
      {failed && (
        <div role="alert" className="mt-3">
          <Banner kind="bad" title="The video cannot be played here">
            <a
              className="link break-all"
              href={resource.url}
              target="_blank"
              rel="noreferrer noopener"
            >
              Open it in a tab of its own
            </a>
            . Time spent there is not counted.
          </Banner>
        </div>
      )}
      <p className="mt-3 text-sm text-muted">
        Your time counts while the video plays and this tab is in sight. Seen to 95 %, it is done.
      </p>
    </>
  );
}

function Opener({ module, resource }: Props) {
  const { id: user } = useMe();
  const place = { module, resource: resource.id };

  return (
    <div className="flex flex-wrap items-center gap-3">
      {resource.url ? (
        <a
          className="inline-flex min-h-10 items-center gap-2 rounded-lg bg-accent px-3.5 py-1.5 text-sm font-medium text-on-accent hover:bg-accent-strong"
          href={resource.url}
          target="_blank"
          rel="noreferrer noopener"
          onClick={() => telemetryOf(user).click(place)}
        >
          <Icon name={resource.kind} />
          {resource.kind === "document" ? "Open the document" : "Open the page"}
          <span className="sr-only"> (in a new tab)</span>
        </a>
      ) : (
        <p className="text-muted">There is no address for it yet.</p>
      )}
      {!resource.completed && (
        <Button icon="check" onClick={() => telemetryOf(user).complete(place)}>
          Mark as done
        </Button>
      )}
    </div>
  );
}
