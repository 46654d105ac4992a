/** A campaign opens: its queue is looked at. */
export const OPENS = 'campaign-opens:';
/** The AI had its time: people take over a chat that it did not answer. */
export const AI_SILENT = 'ai-silent:';
/** A clock of a conversation has come: its targets, silence, a rule that waits. */
export const CLOCKS = 'clocks:';
