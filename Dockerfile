# BeatSync in one image, for linux/amd64 and linux/arm64:
#   docker buildx build --platform linux/amd64,linux/arm64 -t beatsync .
FROM python:3.11-slim-bookworm AS build
ENV PATH=/venv/bin:$PATH
WORKDIR /srv/beatsync
COPY requirements.txt ./
RUN python -m venv /venv
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt
COPY . ./
# The scripts and styles that browsers get are made once, here, and not at every start.
RUN SECRET_KEY=of-the-build DATA_DIR=/tmp/build STATIC_ROOT=/srv/beatsync/collected python manage.py collectstatic --noinput --verbosity 0

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin beatsync
RUN install -d -o beatsync -g beatsync /data /music
COPY --from=build /venv /venv
COPY --from=build --chown=beatsync:beatsync /srv/beatsync /srv/beatsync
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data \
    MUSIC_DIRS=/music \
    STATIC_ROOT=/srv/beatsync/collected \
    SECRET_KEY_FILE=/data/secret-key \
    HOST=0.0.0.0 \
    PORT=8000
WORKDIR /srv/beatsync
USER beatsync
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "deploy/container/is_healthy.py"]
CMD ["sh", "deploy/container/start.sh"]
