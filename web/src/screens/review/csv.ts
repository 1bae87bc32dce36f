// What a period leaves behind as a file: figures, and calls by their times. No names, numbers or places: nothing that tells who called.
import {
  type Group,
  groupOf,
  type IndicatorFigure,
  type IntervalFigure,
  PRIORITIES,
  type Report,
  type ReportCall,
  type Share,
  type Times,
} from "@/screens/review/figures";

type Cell = string | number | boolean | null | undefined;

/** RFC 4180; a cell that a spreadsheet would take for a formula gets an apostrophe. */
export function csvOf(rows: readonly (readonly Cell[])[]): string {
  const cell = (value: Cell) => {
    const plain = value === null || value === undefined ? "" : String(value);
    const safe = typeof value === "string" && /^[=+\-@\t\r＝＋－＠]/.test(plain) ? `'${plain}` : plain;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function groupsOf(report: Report): Group[] {
  const districts = report.indicators[0]?.districts?.map((one) => one.district) ?? [];
  return [null, ...districts].flatMap((district) => [null, ...PRIORITIES].map((priority) => ({ district, priority })));
}

function shareRow(figure: IndicatorFigure, share: Share): Cell[] {
  return [figure.target, share.n, share.missing, share.value, share.met];
}

function timesRow(times: Times): Cell[] {
  return [null, times.n, times.missing, times.mean_s, null, times.p50_s, times.p90_s, times.p95_s, times.p99_s];
}

export function figureRows(report: Report, districtName: (district: number) => string): Cell[][] {
  const head = ["figure", "district", "priority", "target", "n", "missing", "value", "met"];
  const rows: Cell[][] = [[...head, "p50_s", "p90_s", "p95_s", "p99_s", "from", "to"]];
  const add = (figure: IndicatorFigure | IntervalFigure, group: Group, cells: Cell[]) => {
    const district = group.district === null ? "" : districtName(group.district);
    const row = [figure.name, district, group.priority, ...cells];
    rows.push([...row, ...Array<Cell>(12 - row.length).fill(null), report.from, report.to]);
  };
  for (const group of groupsOf(report)) {
    for (const figure of report.indicators) {
      const share = groupOf<Share>(figure, group);
      if (share && share.n > 0) add(figure, group, shareRow(figure, share));
    }
    for (const figure of report.intervals) {
      const times = groupOf<Times>(figure, group);
      if (times && times.n > 0) add(figure, group, timesRow(times));
    }
  }
  return rows;
}

export function callRows(calls: readonly ReportCall[], districtName: (district: number) => string): Cell[][] {
  const stages = Object.keys(calls[0]?.at ?? {});
  const head = ["call", "incident", "district", "priority", "result", "units_needed", "units_short", "dispatches"];
  const rows: Cell[][] = [[...head, "transported", "protocol", "proposed", "opened", "form", ...stages]];
  for (const call of calls) {
    const district = call.district === null ? "" : districtName(call.district);
    const plain = [call.call, call.incident, district, call.priority, call.result, call.units_needed];
    const after = [
      call.units_short,
      call.dispatches,
      call.transported,
      call.protocol,
      call.proposed,
      call.opened,
      call.form,
    ];
    rows.push([...plain, ...after, ...stages.map((stage) => call.at[stage])]);
  }
  return rows;
}

/** Hands the file to the browser. The mark at its beginning tells spreadsheets that it is UTF-8. */
export function saveCsv(name: string, rows: readonly (readonly Cell[])[]): void {
  const url = URL.createObjectURL(new Blob(["\ufeff", csvOf(rows)], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
