/** Words that several records share, in a file that imports none of them. */
export const CONVERSATION_STATUSES = ['new', 'bot', 'queued', 'assigned', 'active', 'pending', 'closed'] as const;
export const TASK_STATUSES = ['pending', 'in_progress', 'completed', 'cancelled'] as const;
