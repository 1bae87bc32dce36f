// Times, numbers and distances as people here write them, in the time zone of the centre.
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { centreStore } from "@/api/centre";
import { type Language, languageOf } from "@/i18n";

type Instant = string | number | null | undefined;

export interface Format {
  /** 14:05 */
  time: (instant: Instant) => string;
  /** 14:05:09 */
  timeSeconds: (instant: Instant) => string;
  /** 22 Nov 2026 */
  date: (instant: Instant) => string;
  /** 22 Nov, 14:05:09 */
  dateTime: (instant: Instant) => string;
  number: (value: number, digits?: number) => string;
  /** 0.953 -> 95.3 % */
  percent: (share: number, digits?: number) => string;
  /** 850 m, 12.4 km */
  distance: (metres: number) => string;
  /** In words, for reading: 45 s, 12 min, 2 h 5 min */
  duration: (seconds: number) => string;
}

export const NOTHING = "–";
const WIDE_SPACE = " ";

/** A stopwatch's figures: 0:07, 12:41, 1:02:33; negative with a minus sign. */
export function clockText(seconds: number): string {
  const whole = Math.floor(Math.abs(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const sign = seconds < 0 && whole > 0 ? "−" : "";
  return hours > 0 ? `${sign}${hours}:${two(minutes)}:${two(rest)}` : `${sign}${minutes}:${two(rest)}`;
}

function instantOf(instant: Instant): number | null {
  if (instant === null || instant === undefined || instant === "") return null;
  const ms = typeof instant === "number" ? instant : Date.parse(instant);
  return Number.isNaN(ms) ? null : ms;
}

function durationOf(language: Language): (seconds: number) => string {
  const formats = new Map<string, Intl.NumberFormat>();
  // Rows tell ages once a second, and to make a format takes longer than to use it.
  const unit = (name: string, value: number) => {
    const format =
      formats.get(name) ?? new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "short" });
    formats.set(name, format);
    return format.format(value);
  };
  return (seconds) => {
    const whole = Math.round(seconds);
    if (whole < 60) return unit("second", whole);
    const minutes = Math.round(whole / 60);
    if (minutes < 60) return unit("minute", minutes);
    const rest = minutes % 60;
    const hours = unit("hour", Math.floor(minutes / 60));
    return rest === 0 ? hours : `${hours}${WIDE_SPACE}${unit("minute", rest)}`;
  };
}

function distanceOf(language: Language): (metres: number) => string {
  const unit = (name: string, value: number, digits: number) =>
    new Intl.NumberFormat(language, {
      style: "unit",
      unit: name,
      maximumFractionDigits: digits,
      minimumFractionDigits: digits,
    }).format(value);
  return (metres) => {
    if (metres < 995) return unit("meter", Math.round(metres / 10) * 10, 0);
    return unit("kilometer", metres / 1000, metres < 99_950 ? 1 : 0);
  };
}

export function makeFormat(language: Language, timeZone: string): Format {
  const instants = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(language, { timeZone, hourCycle: "h23", ...options });
    return (instant: Instant) => {
      const ms = instantOf(instant);
      return ms === null ? NOTHING : format.format(ms);
    };
  };
  const time = { hour: "2-digit", minute: "2-digit" } as const;
  const day = { day: "numeric", month: "short" } as const;
  return {
    time: instants(time),
    timeSeconds: instants({ ...time, second: "2-digit" }),
    date: instants({ ...day, year: "numeric" }),
    dateTime: instants({ ...day, ...time, second: "2-digit" }),
    number: (value, digits = 0) =>
      new Intl.NumberFormat(language, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(value),
    percent: (share, digits = 0) =>
      new Intl.NumberFormat(language, {
        style: "percent",
        maximumFractionDigits: digits,
        minimumFractionDigits: digits,
      }).format(share),
    distance: distanceOf(language),
    duration: durationOf(language),
  };
}

const made = new Map<string, Format>();

/** One for the whole page: each row has times in it, and would make a handful of formats of its own. */
function formatOf(language: Language, timeZone: string): Format {
  const key = `${language} ${timeZone}`;
  const format = made.get(key) ?? makeFormat(language, timeZone);
  made.set(key, format);
  return format;
}

export function useFormat(): Format {
  const { i18n } = useTranslation();
  const timeZone = useStore(centreStore, (centre) => centre.timeZone);
  return formatOf(languageOf(i18n.language), timeZone);
}
