/**
 * In every page, before its own scripts: says when something has come onto the screen, in
 * milliseconds since the navigation began. Looks whenever the document changes, so nothing is
 * rounded up to a pause between looks.
 */
(() => {
  const all = (selector) => document.querySelectorAll(selector);
  const text = (selector) => document.querySelector(selector)?.textContent ?? "";

  /** What a page shows when it is whole, and what says that it has answered the click below. */
  const PAGES = {
    "/overview": {
      isShown: () => all('[data-testid^="figure-"]').length === 6 && all("main svg path").length > 0,
      // Another figure for the chart.
      target: () => [...all("label")].find((label) => label.textContent === "Focus minutes"),
      hasAnswered: () => text("main").includes("Focus minutes, the last"),
    },
    "/learners": {
      isShown: () => all("main tbody tr").length > 0,
      // Another order: the mark of it is there at once, the rows follow.
      target: () => [...all("th button")].find((button) => button.textContent === "Engagement"),
      hasAnswered: () => all('th[aria-sort="descending"]').length > 0,
    },
  };

  /** Resolves when the frame that has the document as it is now has been drawn. */
  function drawn() {
    return new Promise((resolve) => {
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now());
        port2.postMessage(null);
      });
    });
  }

  function when(condition) {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        observer.disconnect();
        resolve(drawn());
      };
      const observer = new MutationObserver(look);
      observer.observe(document, {
        attributes: true,
        characterData: true,
        childList: true,
        subtree: true,
      });
      look();
    });
  }

  const page = PAGES[location.pathname];
  const isWhole = () => all('[data-testid="loading"]').length === 0;

  window.bench = {
    shown: page && when(() => isWhole() && page.isShown()),
    answered: page && when(page.hasAnswered),

    /** The middle of what is to be clicked. */
    target() {
      const { x, y, width, height } = page.target().getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    },

    /** When the last answer came, up to a moment, of each kind that a page begins with. */
    stages(until) {
      const [navigation] = performance.getEntriesByType("navigation");
      const asked = performance
        .getEntriesByType("resource")
        .filter(({ responseEnd }) => responseEnd <= until);
      const last = (isOfKind) =>
        Math.max(0, ...asked.filter(({ name }) => isOfKind(name)).map((one) => one.responseEnd));
      return {
        document: navigation.responseEnd,
        program: last((name) => !name.includes("/api/")),
        session: last((name) => /\/api\/(auth|me)\//.test(name)),
        figures: last((name) => name.includes("/analytics/")),
      };
    },

    /** Bytes of the document and of all that is no answer of the API, as they came. */
    loaded() {
      return [
        ...performance.getEntriesByType("navigation"),
        ...performance.getEntriesByType("resource"),
      ]
        .filter(({ name }) => !name.includes("/api/"))
        .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
    },

    /** Resolves when the list shows what the address asks for, with `name` being `value` in it. */
    async filtered(name, value) {
      let chosenAt = 0;
      const choose = () => {
        chosenAt = performance.now();
      };
      performance.clearResourceTimings();
      for (const kind of ["input", "change"]) document.addEventListener(kind, choose, true);
      const shownAt = await when(
        () =>
          (new URLSearchParams(location.search).get(name) ?? "") === value &&
          text('[data-testid="match-count"]') !== "…" &&
          all('[aria-busy="true"]').length === 0 &&
          isWhole(),
      );
      for (const kind of ["input", "change"]) document.removeEventListener(kind, choose, true);
      const entry = performance
        .getEntriesByType("resource")
        .findLast((one) => one.name.includes("/manager/learners/"));
      if (!entry) return null;
      return {
        chosenAt,
        sentAt: entry.startTime,
        requestAt: entry.requestStart,
        responseAt: entry.responseStart,
        receivedAt: entry.responseEnd,
        shownAt,
        matches: text('[data-testid="match-count"]'),
      };
    },
  };
})();
