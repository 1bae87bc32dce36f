import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";

function Broken({ again, message }: { again: () => void; message: string }) {
  const { t } = useTranslation("shell");
  return (
    <Empty
      title={t("broken.title")}
      action={
        <Button kind="primary" onPress={again}>
          {t("broken.again")}
        </Button>
      }
    >
      {t("broken.text")} <code>{message}</code>
    </Empty>
  );
}

/** A screen that breaks takes nothing else down: the bar, the alarms and the other screens go on. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { message: string | null }> {
  override state: { message: string | null } = { message: null };

  static getDerivedStateFromError(thrown: unknown): { message: string } {
    return { message: thrown instanceof Error ? thrown.message : String(thrown) };
  }

  override render(): ReactNode {
    const { message } = this.state;
    if (message === null) return this.props.children;
    return <Broken message={message} again={() => this.setState({ message: null })} />;
  }
}
