import type { ReactNode } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { useOnline } from "@/polling/presence";
import { session } from "@/session/session";
import { useMe } from "@/session/useSession";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { sayZone } from "@/ui/format";
import { Icon, type IconName } from "@/ui/Icon";
import { Logo } from "./Logo";
import { type Theme, useTheme } from "./theme";

interface Place {
  href: string;
  label: string;
  icon: IconName;
}

const MANAGER_PLACES: readonly Place[] = [
  { href: "/overview", label: "Overview", icon: "overview" },
  { href: "/learners", label: "Learners", icon: "people" },
  { href: "/audit", label: "Audit", icon: "audit" },
];
const LEARN: Place = { href: "/learn", label: "My learning", icon: "learn" };
const THEME_ICONS: Record<Theme, IconName> = { system: "system", light: "sun", dark: "moon" };

/** What is around every page. */
export function Layout({ children }: { children: ReactNode }) {
  const me = useMe();
  const online = useOnline();
  const [theme, nextTheme] = useTheme();
  const places = me.role === "learner" ? [LEARN] : [...MANAGER_PLACES, LEARN];

  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[15rem_minmax(0,1fr)] print:block">
      <a
        href="#content"
        className="sr-only rounded-lg bg-accent px-4 py-2 text-on-accent focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-20"
      >
        Skip to the content
      </a>
      <header className="border-b border-line bg-surface lg:sticky lg:top-0 lg:flex lg:h-dvh lg:flex-col lg:border-r lg:border-b-0 print:hidden">
        <div className="flex items-center justify-between gap-3 px-4 pt-3 pb-2 lg:px-5 lg:pt-5 lg:pb-6">
          <Link href="/" className="rounded-lg">
            <Logo />
          </Link>
          <div className="flex gap-1 lg:hidden">
            <ThemeButton theme={theme} next={nextTheme} />
            <Button
              kind="quiet"
              icon="out"
              aria-label="Sign out"
              className="px-2.5"
              onClick={() => void leave()}
            />
          </div>
        </div>
        <nav aria-label="Main" className="overflow-x-auto px-2 pb-2 lg:flex-1 lg:px-3">
          <ul className="flex gap-1 lg:flex-col">
            {places.map((place) => (
              <NavItem key={place.href} place={place} />
            ))}
          </ul>
        </nav>
        <div className="hidden border-t border-line p-3 lg:block">
          <p className="px-2 pt-1 text-sm font-medium">{me.full_name || me.username}</p>
          <p className="px-2 pb-2 text-sm text-muted">
            {me.role === "admin" ? "Administrator" : me.role === "manager" ? "Manager" : "Learner"}{" "}
            · {me.team}
          </p>
          <ThemeButton theme={theme} next={nextTheme} wide />
          <Button
            kind="quiet"
            icon="out"
            className="w-full justify-start!"
            onClick={() => void leave()}
          >
            Sign out
          </Button>
        </div>
      </header>

      <div className="flex min-w-0 flex-col">
        <div role="status" className="px-4 sm:px-6 lg:px-8 [&:not(:empty)]:pt-4">
          {!online && (
            <Banner kind="warn" icon="offline" title="You are offline" testId="offline">
              What you see is what came last. Figures are asked for again as soon as there is a
              connection.
            </Banner>
          )}
        </div>
        <main
          id="content"
          tabIndex={-1}
          className="mx-auto w-full max-w-7xl flex-1 px-4 py-6 outline-none sm:px-6 lg:px-8"
        >
          {children}
        </main>
        <footer className="mx-auto w-full max-w-7xl px-4 pb-6 text-sm text-muted sm:px-6 lg:px-8">
          Times are in your time zone ({sayZone()}); days of figures are UTC days.
        </footer>
      </div>
    </div>
  );
}

function NavItem({ place }: { place: Place }) {
  const [path] = useLocation();
  const team = new URLSearchParams(useSearch()).get("team");
  const isHere = path === place.href || path.startsWith(`${place.href}/`);
  const keepsTeam = team && (place.href === "/overview" || place.href === "/learners");
  return (
    <li>
      <Link
        href={keepsTeam ? `${place.href}?team=${team}` : place.href}
        aria-current={isHere ? "page" : undefined}
        className={`flex min-h-10 items-center gap-2.5 rounded-lg px-3 py-1.5 text-sm font-medium whitespace-nowrap transition-colors ${
          isHere ? "bg-accent-soft text-accent-strong" : "text-muted hover:bg-raised hover:text-ink"
        }`}
      >
        <Icon name={place.icon} className="size-4.5 max-sm:hidden" />
        {place.label}
      </Link>
    </li>
  );
}

function ThemeButton({
  theme,
  next,
  wide = false,
}: {
  theme: Theme;
  next: () => void;
  wide?: boolean;
}) {
  return (
    <Button
      kind="quiet"
      icon={THEME_ICONS[theme]}
      aria-label={`Theme: ${theme}`}
      className={wide ? "w-full justify-start!" : "px-2.5"}
      onClick={next}
    >
      {wide && <span>Theme: {theme}</span>}
    </Button>
  );
}

async function leave(): Promise<void> {
  try {
    await session.signOut();
  } catch {
    // Signed out here all the same; the cookie ends with its own lifetime or the next sign-in.
  }
}
