/**
 * For so long, in milliseconds, a person can undo what they decided about their version of a row:
 * a conflict, or a change that the server refused. Then what was kept for it is forgotten.
 */
export const undoableMs = 30 * 24 * 3_600_000
