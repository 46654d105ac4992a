/** What inbox.md shows of its socket events: docs/contracts/ holds endpoints alone. */
export const SOCKET_EXAMPLES = {
  messageNew: {
    conversationId: 'c',
    message: {
      id: 'm',
      whatsappMessageId: 'wamid',
      direction: 'INBOUND',
      type: 'TEXT',
      content: 'Olá!',
      metadata: null,
      status: 'DELIVERED',
      timestamp: '2025-11-12T10:35:00.000Z',
      contact: { id: 'c', phoneNumber: '5511', name: 'João' },
    },
  },
  statusUpdate: { conversationId: 'c', messageId: 'm', status: 'READ' },
  conversationNew: {
    conversation: { id: 'c', contact: { id: 'c', phoneNumber: '55', name: 'J' }, status: 'OPEN', priority: 'MEDIUM' },
  },
};
