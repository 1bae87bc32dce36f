// The answer of GET /indicators, as far as the wall needs it, and what of it is worst.
export interface Figure {
  n: number;
  value: number | null;
  met: boolean | null;
}

export interface IndicatorReport extends Figure {
  name: string;
  unit: "share" | "s";
  better: "high" | "low";
  target: number | null;
  /** Not told of one district alone. */
  districts?: readonly (Figure & { district: number })[];
}

export interface Indicators {
  from: string;
  to: string;
  /** Null: of the whole centre. */
  district: number | null;
  calls: { all: number; served: number; shortfall: number; no_unit: number; lost: number };
  indicators: readonly IndicatorReport[];
}

export const SHOWN = ["answered_10s", "departed_3min", "response_mean", "satisfaction", "handover_15min"] as const;
export type Shown = (typeof SHOWN)[number];

export function reportOf(report: Indicators | null, name: string): IndicatorReport | undefined {
  return report?.indicators.find((one) => one.name === name);
}

export interface DistrictLine {
  district: number;
  figures: readonly (Figure | undefined)[];
  missed: number;
}

/** A line a district that has had calls, in the order of ids; where they are too many, those that miss most targets. */
export function districtLines(report: Indicators, most: number): { shown: readonly DistrictLine[]; more: number } {
  const columns = SHOWN.map((name) => reportOf(report, name));
  const ids = new Set(columns.flatMap((column) => column?.districts?.map((one) => one.district) ?? []));
  ids.delete(0);
  const lines = [...ids].map((district) => {
    const figures = columns.map((column) => column?.districts?.find((one) => one.district === district));
    return { district, figures, missed: figures.filter((figure) => figure?.met === false).length };
  });
  const byId = (one: DistrictLine, other: DistrictLine) => one.district - other.district;
  if (lines.length <= most) return { shown: lines.sort(byId), more: 0 };
  const worst = lines.sort((one, other) => other.missed - one.missed || byId(one, other)).slice(0, most - 1);
  return { shown: worst.sort(byId), more: lines.length - worst.length };
}
