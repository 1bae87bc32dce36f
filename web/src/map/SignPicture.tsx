import { useEffect, useRef } from "react";
import { useStore } from "zustand";
import { drawSign, type Sign } from "@/map/glyphs";
import styles from "@/map/SignPicture.module.css";
import { themeStore } from "@/shell/theme";

const SIDE = 64;
const MARGIN = 4;

/** A sign of the map in a text or a list, as the map draws it; what it means must stand beside it. */
export function SignPicture({ sign }: { sign: Sign }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useStore(themeStore, (store) => store.shown);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours come from the theme
  useEffect(() => {
    const pen = canvas.current?.getContext("2d");
    if (!pen) return;
    pen.clearRect(0, 0, SIDE + 2 * MARGIN, SIDE + 2 * MARGIN);
    pen.save();
    pen.translate(MARGIN, MARGIN);
    drawSign(pen, sign);
    pen.restore();
  }, [sign, theme]);
  return (
    <canvas
      ref={canvas}
      className={styles.sign}
      width={SIDE + 2 * MARGIN}
      height={SIDE + 2 * MARGIN}
      aria-hidden="true"
    />
  );
}
