-- What happened, in the product's words: each message is worded when it is sent. Rows from before hold the finished payload in `data`.
alter table webhook_deliveries add column facts text, alter column data drop not null;
comment on column webhook_deliveries.facts is 'what happened, as JSON text';
comment on column webhook_deliveries.data is 'the payload as JSON text, of rows from before facts were kept';
