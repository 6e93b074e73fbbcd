export { installRouter } from './install.ts'
export { claimGeneration } from './generation.ts'
export { hasNewerSchema, schemaVersionTable } from './schema-version.ts'
export { clearSyncedData } from './clear.ts'
export { discardUnsealed, hasPastRows } from './abandoned.ts'
export {
  createCryptoRouter,
  UnsealableRowsError,
  type CryptoRouter,
  type CryptoRouterDeps,
  type RouterTotals,
  type RouterTuning,
} from './router.ts'
export type { CheckRow } from './unruly.ts'
export { readRouterProgress, type RouterProgress } from './journal.ts'
export type { RouterKeys } from './seal-step.ts'
export { readRowFaults, type RowFault, type RowFaultState } from './faults.ts'
export {
  countConflicts,
  readConflicts,
  readDecisions,
  type Choice,
  type RowConflict,
} from './conflicts.ts'
export { bothOf, resolveConflict, undoDecision } from './decisions.ts'
export { findBase } from './bases.ts'
export { takeBackChange } from './take-back.ts'
export {
  countBrakes,
  readBrakes,
  recordDeed,
  type Brake,
  type BrakeDirection,
  type BrakeGround,
} from './brake.ts'
export { answerBrake, type BrakeAnswer } from './brake-answers.ts'
export { keepReceipts } from './receipts.ts'
export {
  countOwed,
  readOwed,
  readOwedLetGo,
  type OwedCounts,
  type OwedGround,
  type OwedKind,
  type OwedRow,
} from './owed.ts'
export { decideOwed, decideOwedOfKind, undoOwed, type OwedChoice } from './owed-decisions.ts'
export {
  encodeLocalRow,
  openRow,
  sealRow,
  type LocalValue,
  type LocalValues,
  type OpenedRow,
  type Revision,
  type RowError,
  type SealedTwin,
  type TwinValue,
  type TwinValues,
} from './rows.ts'
export { shapeOf, shapes, type RowShape, type ShapeColumn } from './shapes.ts'
export {
  belongsTo,
  compareTable,
  type CompareOptions,
  type DeviceTable,
  type JudgedRow,
} from './inspect/compare-table.ts'
export { repairRow, type LeftReason, type Repair } from './inspect/repair.ts'
export {
  findIds,
  idsBySlice,
  readQueued,
  readSides,
  type NoteState,
  type QueuedChange,
  type RowSides,
} from './inspect/sides.ts'
export {
  isDifference,
  judge,
  sealState,
  type SealState,
  type ServerSide,
  type Verdict,
  type VerdictKind,
} from './inspect/verdict.ts'
