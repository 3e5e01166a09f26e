-- Statements that must give the same rows however they are planned. They end with a semicolon at the
-- end of a line; a statement that fixes the order of its rows says ORDERED in a comment before it.
-- docs(id, grp, text): 24 rows, 4 of them without a text.
-- notes(note_id, doc_id, note): 12 rows, some with the texts of docs. files: docs in Parquet.
-- wide, typed: docs with columns of other types; untyped: with types that Arrow does not hold.

SELECT id, embed(text) FROM docs;
SELECT embed(text), embed(text), embed_info(text).tokens, embed(text, dimensions => 2) FROM docs;
SELECT id, embed_chunks(text, chunk_tokens => 2) FROM docs;
SELECT id, embed_chunks(text, spans => array(named_struct('start', 0, 'end', 4), named_struct('start', CAST(id % 3 AS INT), 'end', 6))) FROM docs;
SELECT id, embed_chunks(text, spans => s), embed(text), embed_chunks(text, spans => s, dimensions => 2) FROM (SELECT *, IF(id % 4 = 1, NULL, array(named_struct('start', 1, 'end', CAST(1 + id % 5 AS INT)))) AS s FROM docs) WHERE id % 5 <> 0;
SELECT id, embed_chunks(text, spans => array(named_struct('start', 0, 'end', CAST(id * 3 AS INT)), IF(id % 2 = 0, NULL, named_struct('start', 0, 'end', 1))), on_error => 'column') FROM docs;
SELECT id, c.start, c.text FROM docs LATERAL VIEW explode(embed_chunks(text, spans => transform(filter(embed_chunks(text, chunk_tokens => 2), c -> c.start > 0), c -> named_struct('start', c.start - 1, 'end', c.end)))) v AS c;
SELECT id FROM docs WHERE size(embed_chunks(text, spans => array(named_struct('start', 0, 'end', 4)))) = 1 ORDER BY embed_chunks(text, spans => array(named_struct('start', 0, 'end', 4)))[0].embedding[1], id;
SELECT id, embed_tokens(text) FROM docs;
SELECT id, embed_info(text) FROM docs;
SELECT id, text, grp, embed(text) AS e, length(text) FROM docs;
SELECT embed(concat(text, ' and ', grp)), embed(upper(text)), id FROM docs;
SELECT id, embed(text, on_error => 'column').result[0] FROM docs;
SELECT id, embed(IF(id = 3, '', text), on_error => 'column') FROM docs;
SELECT id, embed(IF(id = 3, ' ', text), on_error => 'null') FROM docs;
SELECT id, embed(IF(id = 3, ' ', text), on_error => 'null'), embed(IF(id = 3, ' ', text), on_error => 'column').error FROM docs;
SELECT id FROM docs WHERE embed(text)[1] > 0;
SELECT id FROM docs WHERE id < 10 AND embed(text)[1] > 0;
SELECT id FROM docs WHERE embed(text)[1] > 0 AND embed(text)[2] < 0.5 AND embed_info(text).tokens > 2;
SELECT id FROM docs WHERE id < 5 OR embed(text)[1] > 0;
SELECT id FROM docs WHERE NOT (id >= 5 AND embed(text)[1] <= 0);
SELECT id, embed(text) FROM docs WHERE embed(text)[1] > 0;
SELECT id, e FROM (SELECT id, embed(text) AS e FROM docs) WHERE e[1] > 0;
SELECT id, e[2], size(e) FROM (SELECT id, embed(text) AS e FROM docs WHERE id > 3) WHERE e[1] > 0 AND id < 20;
SELECT id FROM docs WHERE embed(text) IS NULL;
SELECT id FROM docs WHERE embed(text, on_error => 'null') IS NOT NULL AND size(embed(text)) = 4;
-- ORDERED
SELECT id FROM docs ORDER BY embed(text)[1], id;
-- ORDERED
SELECT id, embed(text)[1] AS x FROM docs ORDER BY x DESC, id LIMIT 5;
-- ORDERED
SELECT id, embed(text) FROM docs ORDER BY id;
-- ORDERED
SELECT id, embed(text) FROM docs ORDER BY id DESC LIMIT 4;
-- ORDERED
SELECT id, embed(text) FROM docs ORDER BY id LIMIT 3 OFFSET 2;
-- ORDERED
SELECT id FROM docs WHERE text IS NOT NULL ORDER BY cosine_similarity(embed(text), embed('text about birds')) DESC, id LIMIT 5;
-- ORDERED
SELECT id, s FROM (SELECT id, embed(text)[2] AS s FROM docs) WHERE s > 0 ORDER BY s, id;
SELECT count(*) FROM (SELECT embed(text) FROM docs LIMIT 7);
SELECT count(e) FROM (SELECT embed(text) AS e FROM docs WHERE text IS NOT NULL LIMIT 7);
SELECT grp, count(embed(text)), max(size(embed(text))) FROM docs GROUP BY grp;
SELECT embed(text), count(*) FROM docs GROUP BY embed(text);
SELECT embed(text)[1] > 0 AS positive, count(*) FROM docs GROUP BY positive;
SELECT grp, embed(max(text)) FROM docs GROUP BY grp;
SELECT embed(grp), count(*), embed(grp)[1] FROM docs GROUP BY grp;
SELECT grp, count(*) FROM docs GROUP BY grp HAVING embed(grp)[1] < 1;
SELECT grp, count(*) FROM docs GROUP BY grp HAVING max(embed(text)[1]) > 0.5;
SELECT count(DISTINCT embed(text)), count(DISTINCT grp), sum(id) FROM docs;
SELECT grp, count(DISTINCT embed(text)) FILTER (WHERE id > 4) FROM docs GROUP BY grp;
SELECT grp, embed_info(text).tokens AS n, count(*) FROM docs GROUP BY ROLLUP (grp, n);
SELECT grp, count(*) FROM docs GROUP BY GROUPING SETS ((grp), (embed(text)), ());
SELECT DISTINCT embed(text) FROM docs;
SELECT DISTINCT grp, size(embed(text)) FROM docs;
SELECT embed(first(text)), count(*) FROM docs WHERE text IS NOT NULL AND id = 1;
SELECT id, c.start, c.text, c.embedding FROM docs LATERAL VIEW explode(embed_chunks(text, chunk_tokens => 2)) v AS c;
SELECT id, explode(embed_chunks(text, chunk_tokens => 1)) AS c FROM docs WHERE id < 6;
SELECT id, p, c.end FROM docs LATERAL VIEW OUTER posexplode(embed_chunks(text, chunk_tokens => 3)) v AS p, c;
SELECT id, inline(embed_chunks(text, chunk_tokens => 2)) FROM docs;
SELECT id, w, embed(w) FROM docs LATERAL VIEW explode(split(text, ' ')) v AS w WHERE id < 4;
SELECT count(*) FROM docs LATERAL VIEW explode(embed(text)) v AS x WHERE x > 0;
SELECT d.id, n.note_id, embed(d.text), embed(n.note) FROM docs d JOIN notes n ON d.id = n.doc_id;
SELECT d.id, n.note_id FROM docs d JOIN notes n ON embed(d.text) = embed(n.note);
SELECT d.id, n.note_id FROM docs d JOIN notes n ON d.id = n.doc_id AND embed(d.text)[1] > embed(n.note)[1];
SELECT d.id, n.note_id FROM docs d JOIN notes n ON d.id = n.doc_id AND embed(concat(d.text, n.note))[1] > 0;
SELECT d.id, n.note_id FROM docs d LEFT JOIN notes n ON d.id = n.doc_id AND embed(d.text)[1] > 0;
SELECT d.id, n.note_id FROM docs d LEFT JOIN notes n ON d.id = n.doc_id AND embed(concat(d.text, n.note))[1] > 0;
SELECT d.id, n.note_id, embed(n.note) FROM docs d FULL OUTER JOIN notes n ON d.id = n.doc_id AND d.grp = 'b';
SELECT d.id, embed(n.note) IS NULL FROM docs d LEFT JOIN (SELECT * FROM notes WHERE embed(note)[1] > 0) n ON d.id = n.doc_id;
SELECT id FROM docs d LEFT SEMI JOIN notes n ON embed(d.text) = embed(n.note);
SELECT id FROM docs d LEFT ANTI JOIN notes n ON d.id = n.doc_id AND embed(n.note)[1] > 0;
SELECT a.id, b.id FROM docs a, docs b WHERE embed(a.text) = embed(b.text) AND a.id <= b.id;
SELECT a.id, b.note_id, cosine_similarity(embed(a.text), embed(b.note)) > 0.5 FROM docs a CROSS JOIN notes b WHERE a.id < 4;
WITH c AS (SELECT id, embed(text) AS e FROM docs) SELECT a.id, b.id FROM c a JOIN c b ON a.e = b.e AND a.id <= b.id;
WITH c AS (SELECT id, grp, embed(text) AS e FROM docs) SELECT grp, count(e) FROM c WHERE id IN (SELECT id FROM c WHERE e[1] > 0) GROUP BY grp;
SELECT embed(text) FROM docs UNION ALL SELECT embed(note) FROM notes;
SELECT id, embed(text) FROM docs UNION SELECT note_id, embed(note) FROM notes;
SELECT embed(text) FROM docs INTERSECT SELECT embed(note) FROM notes;
SELECT embed(text) FROM docs EXCEPT SELECT embed(note) FROM notes;
SELECT id, embed(text) FROM (SELECT id, text FROM docs UNION ALL SELECT note_id, note FROM notes) WHERE embed(text)[1] > 0;
SELECT id FROM docs WHERE id IN (SELECT doc_id FROM notes WHERE embed(note)[1] > 0);
SELECT id FROM docs WHERE embed(text) IN (SELECT embed(note) FROM notes);
SELECT id FROM docs WHERE embed(text)[1] NOT IN (SELECT embed(note)[1] FROM notes WHERE note IS NOT NULL) OR id = 1;
SELECT id FROM docs d WHERE EXISTS (SELECT 1 FROM notes n WHERE embed(n.note) = embed(d.text));
SELECT id FROM docs d WHERE NOT EXISTS (SELECT 1 FROM notes n WHERE n.doc_id = d.id AND embed(n.note)[1] > embed(d.text)[1]);
SELECT id FROM docs WHERE embed(text)[1] > (SELECT avg(embed(note)[1]) FROM notes);
SELECT id, (SELECT max(embed(n.note)[2]) FROM notes n WHERE n.doc_id = d.id) FROM docs d;
SELECT id, embed((SELECT max(note) FROM notes)) FROM docs WHERE id < 3;
SELECT id, CASE WHEN text IS NULL THEN NULL WHEN id < 10 THEN embed(text) ELSE embed(grp) END FROM docs;
SELECT id, CASE WHEN id <> 3 THEN embed(IF(id = 3, '', text)) END FROM docs;
SELECT id, IF(grp = 'a', embed(text)[1], 0) FROM docs;
SELECT id, coalesce(embed(text), embed(grp)) FROM docs;
SELECT id, coalesce(embed(text)[1], embed(grp)[1], 1) FROM docs WHERE nvl2(embed(text), embed(text)[2], -1) < 0;
SELECT id, text IS NOT NULL AND embed(text)[1] > 0 AS positive FROM docs;
SELECT id, row_number() OVER (PARTITION BY grp ORDER BY embed(text)[1], id) FROM docs;
SELECT id, max(embed(text)[1]) OVER (PARTITION BY grp), embed(text)[1] FROM docs;
SELECT id, rank() OVER (ORDER BY size(embed(text)), id), embed(lag(text) OVER (ORDER BY id)) FROM docs;
SELECT * FROM (SELECT id, grp, row_number() OVER (PARTITION BY grp ORDER BY id) AS r, embed(text) AS e FROM docs) WHERE r <= 2;
SELECT id, embed(concat(text, ' ', embed_info(text).pattern)) FROM docs;
SELECT id, embed(concat(coalesce(text, ''), ' ', CAST(size(embed(concat(grp, embed_info(text).device))) AS STRING))) FROM docs;
SELECT id, cosine_similarity(embed(text), embed('a constant text')) > 0.1, embed('a constant text') FROM docs;
SELECT id, transform(split(text, ' '), w -> embed(w)[1]) FROM docs WHERE id < 5;
SELECT id, transform(embed(text), x -> x + id) FROM docs;
SELECT id, aggregate(embed(text), CAST(0 AS FLOAT), (a, x) -> a + x) FROM docs;
SELECT id, struct(embed(text) AS e, grp), map('k', embed(text)), array(embed(text), embed(grp)) FROM docs;
SELECT * FROM (SELECT grp, size(embed(text)) AS n, id FROM docs) PIVOT (count(id) FOR n IN (4, -1));
SELECT id, embed(text), stamp, amount, tags FROM wide;
SELECT stamp, amount, embed(text)[1] FROM wide WHERE amount > 2 AND embed(text)[1] IS NOT NULL;
SELECT embed(text)[1], id, text, tiny, small, real, even, day, local, months, hours, nothing, hex(bytes), places, nested, price FROM typed;
SELECT embed(text)[1], embed(upper(text))[1], text, nested, places, text, day FROM typed WHERE embed(text)[1] > 0;
SELECT id, embed(text), span, CAST(json AS STRING), variant_get(json, '$.a', 'int') FROM untyped;
SELECT id, embed(text) FROM files;
SELECT grp, embed(text)[1], id FROM files WHERE id % 2 = 0;
SELECT id, embed(text), embed(grp) FROM files WHERE embed(text)[1] > 0;
SELECT f.id, embed(f.text) FROM files f JOIN files g ON f.id = g.id + 1 WHERE embed(g.text)[1] > 0;
SELECT id, e FROM embedded WHERE e[1] > 0;
SELECT v.id, embed(d.text) = v.e FROM embedded v JOIN docs d USING (id);
SELECT count(*) FROM cached WHERE e[1] > 0;
SELECT id, e, embed(text) FROM cached WHERE id < 6;
SELECT /*+ REPARTITION(3) */ id, embed(text) FROM docs;
SELECT /*+ REPARTITION_BY_RANGE(3, id) */ id, embed(text) FROM docs WHERE embed(text)[1] > 0;
SELECT /*+ BROADCAST(n) */ d.id, embed(d.text), n.note FROM docs d JOIN notes n ON d.id = n.doc_id WHERE embed(n.note)[1] > 0;
SELECT /*+ MERGE(n) */ d.id, embed(d.text), n.note FROM docs d JOIN notes n ON d.id = n.doc_id WHERE embed(n.note)[1] > 0;
FROM docs |> WHERE id < 12 |> EXTEND embed(text) AS e |> WHERE e[1] > 0 |> SELECT id, e;
SELECT embed(v), v FROM VALUES ('one text'), ('another text'), (NULL) AS t(v);
SELECT v FROM VALUES (1, 'one text'), (2, 'another text') AS t(k, v) WHERE embed(v)[1] < 9 AND k < 2;
SELECT d.id, embed(t.v) FROM docs d JOIN VALUES (1, 'one text'), (2, 'text 1 and so on') AS t(k, v) ON embed(d.text) = embed(t.v);
