export {
  createSyncApi,
  SyncUnavailableError,
  type Fetch,
  type PostResult,
  type Refusal,
  type SyncApi,
  type SyncToken,
} from './api.ts'
export {
  createConnector,
  type ConnectorDeps,
  type UploadConnector,
  type UploadState,
} from './connector.ts'
export { keepMine, type KeepError } from './keep-mine.ts'
export { mergeEntries, mergeOperations, type MergedOperation, type QueuedEntry } from './merge.ts'
export { SignedOutError } from './post.ts'
export {
  countProblems,
  dropProblem,
  installProblems,
  readDropped,
  readProblems,
  reviseProblem,
  undropProblem,
  type DroppedProblem,
  type Problem,
} from './problems.ts'
export type { SealedChanges } from './refusals.ts'
export type { Result } from './result.ts'
