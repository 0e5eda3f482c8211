import { queryOptions } from "@tanstack/react-query";
import { getJson } from "@/http/json";
import type { LearningModule, ModuleRow, Quiz } from "./types";

export const modulesQuery = () =>
  queryOptions({
    queryKey: ["modules"],
    queryFn: ({ signal }) => getJson<ModuleRow[]>("/api/modules/", signal),
  });

export const moduleQuery = (id: number) =>
  queryOptions({
    queryKey: ["module", id],
    queryFn: ({ signal }) => getJson<LearningModule>(`/api/modules/${id}/`, signal),
    staleTime: 5_000,
  });

export const quizQuery = (id: number) =>
  queryOptions({
    queryKey: ["quiz", id],
    queryFn: ({ signal }) => getJson<Quiz>(`/api/modules/${id}/quiz/`, signal),
    staleTime: 5 * 60_000,
  });
