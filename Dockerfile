# The web application alone: no TensorFlow. Build: docker build -t handwriting .
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 \
    GRADIO_ANALYTICS_ENABLED=False MPLCONFIGDIR=/tmp/matplotlib

WORKDIR /app

# The requirements end with `-e .`, which needs the package; the models change most often.
COPY pyproject.toml README.md LICENSE constraints.txt requirements-predict.txt requirements-serve.txt ./
COPY src/ src/
RUN pip install -r requirements-serve.txt && python -m compileall -q src
COPY saved_models/*.onnx saved_models/*.json saved_models/*.npz saved_models/

RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin reader \
    && mkdir -p /data && chown reader /data
USER reader
VOLUME /data

ENV HANDWRITING_HOST=0.0.0.0 HANDWRITING_PORT=7860 HANDWRITING_STORE=/data/feedback
EXPOSE 7860

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD \
    ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:%s/health' % os.environ['HANDWRITING_PORT'], timeout=4)"]

CMD ["python", "src/app.py"]
