import { Link } from "wouter";
import { Empty } from "@/ui/Empty";
import { PageHeading } from "@/ui/PageHeading";

export function NotFoundPage() {
  return (
    <>
      <PageHeading title="Page not found" />
      <div className="card mt-5">
        <Empty title="There is no such page, or it is not for your role.">
          <Link href="/" className="link">
            Go to the start
          </Link>
        </Empty>
      </div>
    </>
  );
}
