# Two stages: the first builds, the second only holds what runs. Serves with an empty volume at /data.
FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md ./
COPY app app
COPY models models
COPY knowledge_base knowledge_base
RUN python -m venv /opt/countersign \
 && /opt/countersign/bin/pip install --no-cache-dir --constraint constraints.txt '.[postgres]'

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /data countersign && mkdir /data && chown countersign /data
COPY --from=build /opt/countersign /opt/countersign
ENV PATH=/opt/countersign/bin:$PATH COUNTERSIGN_HOST=0.0.0.0 COUNTERSIGN_DATA_DIR=/data OMP_NUM_THREADS=1 MALLOC_ARENA_MAX=2 PYTHONUNBUFFERED=1
USER countersign
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
CMD ["countersign", "serve"]
