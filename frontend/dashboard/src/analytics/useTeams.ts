import { useQuery } from "@tanstack/react-query";
import { figures } from "./client";
import { TEAMS_PATH, type Teams } from "./endpoints";

/** The teams in scope; empty until they are known. They change seldom, so they are asked for once. */
export function useTeams(): Teams {
  const { data } = useQuery({
    queryKey: ["figures", TEAMS_PATH],
    queryFn: ({ signal }) => figures.get<Teams>(TEAMS_PATH, signal),
    staleTime: 15 * 60_000,
  });
  return data?.data ?? [];
}
