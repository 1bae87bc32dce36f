import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import styles from "@/shell/Help.module.css";
import { type KeyGroup, keyStore } from "@/shell/keys";
import { keyText } from "@/shell/keyText";
import { Dialog } from "@/ui/Dialog";
import { KeyHint } from "@/ui/KeyHint";

/** Groups of one title are one; the newest first, which is the screen's. */
export function mergedGroups(groups: readonly KeyGroup[]): KeyGroup[] {
  const merged = new Map<string, KeyGroup>();
  for (const group of groups.toReversed()) {
    if (group.bindings.length === 0) continue;
    const before = merged.get(group.title)?.bindings ?? [];
    const fresh = group.bindings.filter((binding) => !before.some((other) => other.keys === binding.keys));
    merged.set(group.title, { title: group.title, bindings: [...before, ...fresh] });
  }
  return [...merged.values()];
}

export function Help({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("shell");
  const registered = useStore(keyStore, (store) => store.groups);
  const groups = isOpen ? mergedGroups(registered.map((one) => one.group())) : [];
  return (
    <Dialog title={t("help.title")} isOpen={isOpen} onClose={onClose} wide>
      <div className={styles.columns}>
        {groups.map((group) => (
          <section key={group.title} className={styles.group}>
            <h3 className={styles.title}>{group.title}</h3>
            <dl>
              {group.bindings.map((binding) => (
                <div key={binding.keys} className={styles.row}>
                  <dd>{binding.text}</dd>
                  <dt>
                    <span className="visually-hidden">{keyText(binding.keys)}</span>
                    <KeyHint keys={binding.keys} />
                  </dt>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
