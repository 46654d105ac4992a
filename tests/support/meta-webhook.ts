import { createHmac, randomBytes } from 'node:crypto';

export interface MetaNumber {
  phoneNumberId: string;
  displayPhoneNumber: string;
  wabaId: string;
  appSecret: string;
}

/**
 * A signed webhook with one text message of about 700 bytes, as Meta sends it. Every call has a new
 * message id.
 */
export function signedTextWebhook(
  number: MetaNumber,
  message: { from: string; name: string; text: string; id?: string },
): { id: string; body: Buffer; signature: string } {
  const id = message.id ?? `wamid.${randomBytes(30).toString('base64')}`;
  const body = Buffer.from(
    JSON.stringify({
      object: 'whatsapp_business_account',
      entry: [
        {
          id: number.wabaId,
          changes: [
            {
              field: 'messages',
              value: {
                messaging_product: 'whatsapp',
                metadata: { display_phone_number: number.displayPhoneNumber, phone_number_id: number.phoneNumberId },
                contacts: [{ profile: { name: message.name }, wa_id: message.from }],
                messages: [
                  {
                    from: message.from,
                    id,
                    timestamp: String(Math.floor(Date.now() / 1000)),
                    type: 'text',
                    text: { body: message.text },
                  },
                ],
              },
            },
          ],
        },
      ],
    }),
  );
  return { id, body, signature: `sha256=${createHmac('sha256', number.appSecret).update(body).digest('hex')}` };
}
