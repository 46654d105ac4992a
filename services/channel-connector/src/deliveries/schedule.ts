const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The first try comes at once; these are the pauses before each further one. */
export const SENT_AGAIN_MS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR] as const;

/** An endpoint to which nothing could be delivered for so long is switched off. */
export const GIVE_UP_AFTER_MS = 5 * 24 * HOUR;
