/** What a channel does with messages of groups. */
export interface GroupSettings {
  /** False leaves them out. */
  stored: boolean;
  /** Whether the AI may answer there. */
  answeredByAi: boolean;
}

/**
 * Reads a channel's settings: `groupMessages` is `store` or `ignore`, and `aiInGroups` lets the AI
 * answer. Groups are stored and the AI is silent unless they say otherwise.
 */
export const groupSettings = ({ groupMessages, aiInGroups }: Record<string, unknown>): GroupSettings => ({
  stored: groupMessages !== 'ignore',
  answeredByAi: aiInGroups === true,
});
