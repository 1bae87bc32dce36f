import { useTranslation } from "react-i18next";
import { askHistory } from "@/screens/review/asks";
import { Bar } from "@/screens/review/Bar";
import { Breakdown } from "@/screens/review/Breakdown";
import { Calls } from "@/screens/review/Calls";
import { Figures } from "@/screens/review/Figures";
import { Replay } from "@/screens/review/Replay";
import styles from "@/screens/review/Review.module.css";
import { Story, useStory } from "@/screens/review/Story";
import { useAnswer } from "@/screens/review/useAnswer";
import { useReplay } from "@/screens/review/useReplay";
import { type Review, useReview } from "@/screens/review/useReview";
import { useSteps } from "@/screens/review/useSteps";
import { useFigureWords } from "@/screens/review/words";
import { useKeys } from "@/shell/keys";
import { setQuery, useQueryId, useRoute } from "@/shell/router";
import { Button, Empty, Tabs } from "@/ui";

const TABS = ["places", "calls", "story", "replay"] as const;
type Tab = (typeof TABS)[number];

function useTab(): Tab {
  const { query } = useRoute();
  return TABS.find((tab) => tab === query.tab) ?? "places";
}

function useReviewKeys(review: Review): void {
  const { t } = useTranslation("review");
  const show = (tab: Tab) => () => setQuery({ tab });
  useKeys(t("title"), [
    { keys: "1", text: t("tab.places"), run: show("places") },
    { keys: "2", text: t("tab.calls"), run: show("calls") },
    { keys: "3", text: t("tab.story"), run: show("story") },
    { keys: "4", text: t("tab.replay"), run: show("replay") },
    { keys: "r", text: t("bar.refresh"), run: review.refresh },
  ]);
}

/** Why there are no figures. */
function Nothing({ review }: { review: Review }) {
  const { t } = useTranslation("review");
  const { report, period } = review;
  if (!period) return <Empty title={t("bar.wrong")}>{t("bar.wrongText")}</Empty>;
  if (report.problem?.name === "not_allowed") return <Empty title={t("notAllowed")}>{t("notAllowedText")}</Empty>;
  if (report.problem)
    return (
      <Empty title={t("failed")} action={<Button onPress={report.again}>{t("again")}</Button>}>
        {report.problem.details.detail}
      </Empty>
    );
  return <Empty title={t("loading")} />;
}

function CallsTab({ review }: { review: Review }) {
  const { t } = useTranslation("review");
  const { problem, again } = review.calls;
  if (!review.figure) return <Nothing review={review} />;
  if (problem)
    return (
      <Empty
        title={problem.name === "not_allowed" ? t("calls.notAllowed") : t("failed")}
        action={<Button onPress={again}>{t("again")}</Button>}
      >
        {problem.details.detail}
      </Empty>
    );
  return <Calls review={review} figure={review.figure} />;
}

function useIncident() {
  const [incident] = useQueryId("incident");
  const history = useAnswer(incident === null ? null : `incident ${incident}`, (signal) =>
    askHistory(incident as number, signal),
  );
  const current = history.loading ? null : history.value;
  const steps = useStory(current);
  return { incident, history: { ...history, value: current }, steps };
}

function ReplayTab({ review, story }: { review: Review; story: ReturnType<typeof useIncident> }) {
  const replay = useReplay(story.steps, story.history.problem ? null : story.incident);
  return <Replay replay={replay} names={review.names} incident={story.incident} />;
}

export default function ReviewScreen() {
  const { t } = useTranslation("review");
  const review = useReview();
  const words = useFigureWords();
  const tab = useTab();
  const story = useIncident();
  useReviewKeys(review);
  useSteps(review);
  const { figure } = review;
  const has = review.report.value !== null && review.period !== null;
  const places = figure && has ? <Breakdown review={review} figure={figure} /> : <Nothing review={review} />;
  return (
    <div className={styles.screen}>
      <Bar review={review} />
      <div className={styles.columns}>
        {has ? (
          <Figures review={review} />
        ) : (
          <div className={styles.empty}>
            <Nothing review={review} />
          </div>
        )}
        <section className={styles.side} aria-label={figure ? words.title(figure) : t("title")}>
          <h2 className={tab === "story" || tab === "replay" ? "visually-hidden" : styles.sideTitle}>
            {figure ? words.title(figure) : t("title")}
          </h2>
          <Tabs<Tab>
            label={t("title")}
            selected={tab}
            onSelect={(wanted) => setQuery({ tab: wanted })}
            items={[
              { id: "places", title: t("tab.places"), content: places },
              { id: "calls", title: t("tab.calls"), content: <CallsTab review={review} /> },
              {
                id: "story",
                title: t("tab.story"),
                content: <Story {...story} names={review.names} />,
              },
              { id: "replay", title: t("tab.replay"), content: <ReplayTab review={review} story={story} /> },
            ]}
          />
        </section>
      </div>
    </div>
  );
}
