// A case that was entered from paper is one event; its story is told by the times that stood on the form, as that of any other.
type Data = Readonly<Record<string, unknown>>;

interface Told {
  name: string;
  at: string;
  data: Record<string, unknown>;
}

/** Stages of a mission by the name of their time. */
const STAGES: Readonly<Record<string, string>> = {
  notified_at: "notify",
  acknowledged_at: "acknowledge",
  departed_at: "depart",
  on_scene_at: "arrive",
  at_patient_at: "reach_patient",
  left_scene_at: "leave_scene",
  at_facility_at: "reach_facility",
  handed_over_at: "hand_over",
  available_at: "end",
};

function ofCall(event: Data): Told[] {
  const { call, incident } = event;
  const isIncident = event.result === "incident";
  const times: [time: string, name: string, more: Record<string, unknown>][] = [
    ["offered_at", "call_offered", {}],
    ["answered_at", "call_answered", { seat: event.seat }],
    ["located_at", "call_located", { district: event.district }],
    ["recognised_at", "milestone_reached", { marks: ["arrest_recognised"] }],
    ["compressions_at", "milestone_reached", { marks: ["compressions_begun"] }],
  ];
  if (isIncident)
    times.push([
      "triaged_at",
      "incident_opened",
      { priority: event.priority, units_wanted: event.units_wanted, needs: event.needs },
    ]);
  return times.flatMap(([time, name, more]) =>
    event[time] ? [{ name, at: String(event[time]), data: { call, incident, ...more } }] : [],
  );
}

function ofMission(item: Data, mission: number): Told[] {
  const { unit } = item;
  const sent = item.assigned_at
    ? [{ name: "unit_assigned", at: String(item.assigned_at), data: { mission, unit } }]
    : [];
  const stages = Object.entries(STAGES).flatMap(([time, stage]) =>
    item[time]
      ? [
          {
            name: "mission_progressed",
            at: String(item[time]),
            data: { mission, unit, stage, facility: item.taken_to },
          },
        ]
      : [],
  );
  return [...sent, ...stages];
}

/** What happened, by its own times; what nobody noted is left out. */
export function stepsOfPaper(event: Data): Told[] {
  const first = Number(event.mission ?? 0);
  const items = Array.isArray(event.items) ? (event.items as Data[]) : [];
  return [...ofCall(event), ...items.flatMap((item, index) => ofMission(item, first + index))];
}
