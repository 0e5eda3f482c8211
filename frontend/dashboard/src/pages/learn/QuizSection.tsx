import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { postJson } from "@/http/json";
import { SignedOut, sayError } from "@/http/problem";
import { useIdempotencyKey } from "@/http/useIdempotencyKey";
import { quizQuery } from "@/learning/queries";
import type { Quiz, QuizOutcome } from "@/learning/types";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { FormFault } from "@/ui/FormFault";
import { plural, sayNumber } from "@/ui/format";
import { type Faults, useForm } from "@/ui/useForm";

export function QuizSection({ module }: { module: number }) {
  const { data: quiz, error, refetch } = useQuery(quizQuery(module));
  return (
    <Card
      title={quiz?.title || "Quiz"}
      hint={
        quiz &&
        `${plural(quiz.questions.length, "question")}; passed from ${sayNumber(quiz.pass_score)} %. You may try as often as you like.`
      }
    >
      {quiz ? (
        <QuizForm module={module} quiz={quiz} />
      ) : error && !(error instanceof SignedOut) ? (
        <Banner
          kind="bad"
          title="Could not load the quiz"
          action={<Button onClick={() => void refetch()}>Try again</Button>}
        >
          {sayError(error)}
        </Banner>
      ) : (
        <p role="status">Loading the quiz …</p>
      )}
    </Card>
  );
}

type Answers = Partial<Record<string, number>>;

function QuizForm({ module, quiz }: { module: number; quiz: Quiz }) {
  const client = useQueryClient();
  const { keyFor, spend } = useIdempotencyKey();
  const [answers, setAnswers] = useState<Answers>({});
  const [outcome, setOutcome] = useState<QuizOutcome | null>(null);
  const names = quiz.questions.map(({ id }) => `answers.${id}`);

  const { faults, fault, sending, ref, onSubmit } = useForm(
    names,
    (): Faults =>
      Object.fromEntries(
        quiz.questions
          .filter(({ id }) => answers[id] === undefined)
          .map(({ id }) => [`answers.${id}`, "choose an answer"]),
      ),
    async () => {
      const found = await postJson<QuizOutcome>(
        `/api/modules/${module}/quiz/attempts/`,
        { answers },
        { "Idempotency-Key": keyFor(answers) },
      );
      spend();
      setOutcome(found);
      void client.invalidateQueries({ queryKey: ["module", module] });
      void client.invalidateQueries({ queryKey: ["modules"] });
    },
  );

  return (
    <>
      <div role="status" data-testid="quiz-outcome" className="[&:not(:empty)]:mb-4">
        {outcome && (
          <Banner
            kind={outcome.passed ? "good" : "warn"}
            title={`${outcome.passed ? "Passed" : "Not passed"}: ${sayNumber(outcome.score)} %`}
            action={
              <Button
                onClick={() => {
                  setOutcome(null);
                  setAnswers({});
                }}
              >
                Start anew
              </Button>
            }
          >
            {outcome.passed
              ? "Well done."
              : `You need ${sayNumber(outcome.pass_score)} %. Change your answers and send them again.`}
          </Banner>
        )}
      </div>
      <form ref={ref} onSubmit={onSubmit} noValidate className="grid gap-6" aria-label="Quiz">
        <FormFault title="The answers were not sent" fault={fault} />
        {quiz.questions.map((question, place) => {
          const wrong = faults[`answers.${question.id}`];
          return (
            <div
              key={question.id}
              role="radiogroup"
              aria-labelledby={`question-${question.id}`}
              tabIndex={wrong ? -1 : undefined}
              aria-invalid={wrong ? true : undefined}
              aria-describedby={wrong ? `question-${question.id}-error` : undefined}
              className="min-w-0 rounded-lg"
            >
              <p id={`question-${question.id}`} className="mb-2 font-medium">
                {place + 1}. {question.text}
              </p>
              <div className="grid gap-2">
                {question.choices.map((choice) => (
                  <label
                    key={choice.id}
                    className="flex cursor-pointer items-start gap-3 rounded-lg border border-line p-3 text-sm transition-colors hover:bg-raised has-checked:border-accent has-checked:bg-accent-soft"
                  >
                    <input
                      type="radio"
                      className="mt-0.5 size-4"
                      name={`question-${question.id}`}
                      checked={answers[question.id] === choice.id}
                      onChange={() => setAnswers({ ...answers, [question.id]: choice.id })}
                    />
                    {choice.text}
                  </label>
                ))}
              </div>
              {wrong && (
                <p
                  id={`question-${question.id}-error`}
                  className="mt-1 text-sm font-medium text-bad"
                >
                  Question {place + 1}: {wrong}
                </p>
              )}
            </div>
          );
        })}
        <Button kind="primary" type="submit" busy={sending} className="w-fit">
          {sending ? "Sending …" : "Send answers"}
        </Button>
      </form>
    </>
  );
}
