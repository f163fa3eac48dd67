-- Messages that could not be read: where each is, what is wrong, and how its text begins, a byte a letter.
SELECT
  topic,
  `partition`,
  `offset`,
  reason,
  SUBSTRING(DECODE(payload, 'ISO-8859-1') FROM 1 FOR 40) AS begins
FROM dead_letters;
