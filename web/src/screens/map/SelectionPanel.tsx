import { useTranslation } from "react-i18next";
import type { Target } from "@/map";
import styles from "@/screens/map/Cards.module.css";
import { IncidentCard } from "@/screens/map/IncidentCard";
import { FacilityCard, PostCard } from "@/screens/map/PlaceCards";
import { UnitCard } from "@/screens/map/UnitCard";
import { Button } from "@/ui/Button";

export interface CardProps {
  id: number;
  select: (target: Target | null) => void;
}

export interface SelectionPanelProps {
  selected: Target | null;
  select: (target: Target | null) => void;
  following: number | null;
  follow: (unit: number) => void;
}

/** What is known of what was clicked. */
export function SelectionPanel({ selected, select, following, follow }: SelectionPanelProps) {
  const { t } = useTranslation("map");
  if (!selected) return null;
  const { kind, id } = selected;
  return (
    <section className={styles.card} aria-label={t(`cards.${kind}`)}>
      <div className={styles.close}>
        <Button kind="quiet" size="small" icon aria-label={t("keys.close")} onPress={() => select(null)}>
          ×
        </Button>
      </div>
      {kind === "unit" ? (
        <UnitCard id={id} select={select} following={following === id} follow={() => follow(id)} />
      ) : null}
      {kind === "incident" ? <IncidentCard id={id} select={select} /> : null}
      {kind === "facility" ? <FacilityCard id={id} /> : null}
      {kind === "post" ? <PostCard id={id} select={select} /> : null}
    </section>
  );
}
