import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { useProblemWords } from "@/api/wording";
import styles from "@/shell/Notices.module.css";
import { dismissNotice, type Notice, noticeStore } from "@/shell/notices";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";

const MARKS = { ok: "✓", warn: "!", bad: "✕" } as const;

function NoticeCard({ notice }: { notice: Notice }) {
  const { t } = useTranslation("shell");
  const words = useProblemWords();
  const told = notice.problem ? words(notice.problem) : { title: notice.text, more: "" };
  const title = notice.what ? t("notice.what", { what: notice.what, title: told.title }) : told.title;
  return (
    <div className={classes(styles.notice, styles[notice.tone])} role={notice.tone === "bad" ? "alert" : "status"}>
      <span className={styles.mark} aria-hidden="true">
        {MARKS[notice.tone]}
      </span>
      <div>
        <p className={styles.title}>{title}</p>
        {told.more ? <p className={styles.more}>{told.more}</p> : null}
        {notice.action ? (
          <div className={styles.action}>
            <Button
              size="small"
              onPress={() => {
                notice.action?.run();
                dismissNotice(notice.id);
              }}
            >
              {notice.action.text}
            </Button>
          </div>
        ) : null}
      </div>
      <Button kind="quiet" size="small" icon aria-label={t("notice.dismiss")} onPress={() => dismissNotice(notice.id)}>
        ✕
      </Button>
    </div>
  );
}

export function Notices() {
  const { t } = useTranslation("shell");
  const notices = useStore(noticeStore, (store) => store.notices);
  return (
    <section className={styles.region} aria-label={t("notice.region")}>
      {notices.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </section>
  );
}
