import { APP_STATES } from "../roll/events.ts";
import { byLabel, flag, type Metric, only } from "./metric.ts";

/** What is told of versions, rolls and checks. */
export const ROLL_LIST: readonly Metric[] = [
  {
    name: "liveroll_build_info",
    type: "gauge",
    help: "Which liveroll this is; always 1.",
    read: ({ version }) => [{ labels: { version }, value: 1 }],
  },
  {
    name: "liveroll_state",
    type: "gauge",
    help: "1 for the state that liveroll is in, 0 for all others.",
    read: ({ counts }) =>
      APP_STATES.map((state) => ({ labels: { state }, value: state === counts.state ? 1 : 0 })),
  },
  {
    name: "liveroll_current_version_info",
    type: "gauge",
    help: "The version that serves; 0 with an empty id while none does.",
    read: (
      { currentId },
    ) => [{ labels: { id: currentId ?? "" }, value: currentId === null ? 0 : 1 }],
  },
  {
    name: "liveroll_backend_up",
    type: "gauge",
    help: "Whether an instance of the application serves.",
    read: ({ currentId }) => flag(currentId !== null),
  },
  {
    name: "liveroll_rolls_total",
    type: "counter",
    help: "Rolls that ended, by outcome.",
    read: ({ counts }) => byLabel("outcome", counts.rolls),
  },
  {
    name: "liveroll_roll_phase_duration_seconds",
    type: "histogram",
    help: "How long the parts of rolls took, however they ended.",
    read: ({ counts }) =>
      counts.phases.map(({ phase, histogram }) => ({ labels: { phase }, histogram })),
  },
  {
    name: "liveroll_last_roll_success_timestamp_seconds",
    type: "gauge",
    help: "When a roll succeeded last, also in a former life; 0: never.",
    read: ({ counts }) => only(counts.lastRollSuccessAt / 1000),
  },
  {
    name: "liveroll_instance_crashes_total",
    type: "counter",
    help: "Instances that exited while they served.",
    read: ({ counts }) => only(counts.crashes),
  },
  {
    name: "liveroll_checks_total",
    type: "counter",
    help: "Times that the source was asked for the newest version, by outcome.",
    read: ({ counts }) => byLabel("outcome", counts.checks),
  },
  {
    name: "liveroll_check_errors_total",
    type: "counter",
    help: "Checks that failed, by the command that did.",
    read: ({ counts }) => byLabel("step", counts.checkErrors),
  },
  {
    name: "liveroll_last_check_success_timestamp_seconds",
    type: "gauge",
    help: "When the source answered last; 0: not since the start.",
    read: ({ counts }) => only(counts.lastCheckSuccessAt / 1000),
  },
  {
    name: "liveroll_quarantined_versions",
    type: "gauge",
    help: "Versions that failed and are not forgotten.",
    read: ({ quarantined }) => only(quarantined),
  },
  {
    name: "liveroll_updates_paused",
    type: "gauge",
    help: "Whether somebody has paused updates.",
    read: ({ settings }) => flag(settings.paused),
  },
  {
    name: "liveroll_updates_pinned",
    type: "gauge",
    help: "Whether somebody has pinned a version.",
    read: ({ settings }) => flag(settings.pinned !== null),
  },
  {
    name: "liveroll_traffic_held",
    type: "gauge",
    help: "Whether somebody lets requests wait.",
    read: ({ settings }) => flag(settings.held),
  },
  {
    name: "liveroll_maintenance",
    type: "gauge",
    help: "Whether requests are answered with a message of maintenance.",
    read: ({ settings }) => flag(settings.maintenance !== null),
  },
  {
    name: "liveroll_data_broken",
    type: "gauge",
    help: "Whether data was changed and not put back: nothing is started on it.",
    read: ({ isDataBroken }) => flag(isDataBroken),
  },
  {
    name: "liveroll_state_writable",
    type: "gauge",
    help: "Whether the state directory takes what has to be written down.",
    read: ({ isWritable }) => flag(isWritable),
  },
];
